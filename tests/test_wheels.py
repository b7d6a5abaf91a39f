"""The distributions as users get them: wheels, in environments outside the workspace.

Each test has an environment of its own, made by uv.
"""

from __future__ import annotations

import re
import shutil
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from fresh_environment import Environment, run, wheel_of
from layout_tree import ROOT, core, distributions, siblings

if TYPE_CHECKING:
    from pathlib import Path

    from layout_tree import Distribution

pytestmark = pytest.mark.wheels

ALL = distributions(ROOT)
CORE = core(ROOT)
SIBLINGS = siblings(ROOT)
README = (ROOT / "README.md").read_text(encoding="utf-8")

# The import paths of the specification, by the distribution that provides them.
SPECIFIED = {
    "airlock-core": """
        from airlock import enqueue, get_current_scope, policy, scope
        from airlock import Intent, Scope, _execute
        from airlock import AllowAll, AssertNoEffects, BlockTasks
        from airlock import CompositePolicy, DropAll, LogOnFlush
        from airlock import AirlockError, NoScopeError, PolicyEnqueueError
        from airlock import PolicyViolation, ScopeStateError
        from airlock.integrations.executors.sync import sync_executor
    """,
    "airlock-celery": """
        from airlock.integrations.celery import AirlockTask, LegacyTaskShim
        from airlock.integrations.celery import install_global_intercept
        from airlock.integrations.executors.celery import celery_executor
    """,
    "airlock-django": """
        import django.conf
        django.conf.settings.configure()
        from airlock.integrations.django import AirlockMiddleware
        from airlock.integrations.django import DjangoScope, airlock_command
    """,
}
# Executors follow one naming, which a rule about the layout enforces.
for found in SIBLINGS:
    if found.name.startswith("airlock-executor-"):
        name = found.name.removeprefix("airlock-executor-").replace("-", "_")
        SPECIFIED[found.name] = (
            f"from airlock.integrations.executors.{name} import {name}_executor"
        )


@pytest.fixture(scope="module")
def built(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of every member, and the wheel that is built from the sdist."""
    folder = tmp_path_factory.mktemp("built")
    run(uv, "build", "--quiet", "--all-packages", "--out-dir", folder, folder=ROOT)
    return folder


@pytest.fixture
def environment(uv: str, built: Path, tmp_path: Path) -> Environment:
    """An environment with nothing in it yet."""
    return Environment(uv, tmp_path, built)


def sdist_of(found: Distribution, built: Path) -> Path:
    """Return the only sdist of a distribution."""
    [sdist] = built.glob(f"{found.name.replace('-', '_')}-*.tar.gz")
    return sdist


def code(block: str) -> str:
    """Return an indented block as Python to run."""
    return "\n".join(line.strip() for line in block.splitlines())


def select_all_plugins(members: list[Distribution]) -> str:
    """Return Python that selects every plugin of some distributions by its name."""
    functions = {
        "airlock.executors": "resolve_executor",
        "airlock.scopes": "resolve_scope",
        "airlock.policies": "resolve_policy",
    }
    calls = [
        f"airlock.{functions[group]}({name!r})"
        for found in members
        for group, name, _ in found.entry_points
        if group in functions
    ]
    return "\n".join(["import airlock", *calls])


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_a_wheel_holds_the_files_of_src_and_the_licence(
    found: Distribution, built: Path
) -> None:
    """Through the sdist too nothing is lost, and nothing else comes along."""
    with zipfile.ZipFile(wheel_of(found, built)) as wheel:
        names = wheel.namelist()

    code_files = {name for name in names if ".dist-info/" not in name}
    assert code_files == set(map(str, found.files))
    assert any(name.endswith("/licenses/LICENSE") for name in names)


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_an_sdist_holds_the_tests(found: Distribution, built: Path) -> None:
    """Those who package airlock for a system run them there."""
    with tarfile.open(sdist_of(found, built)) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    tests = {
        str(path.relative_to(found.folder))
        for path in found.folder.glob("tests/**/*.py")
    }
    assert tests
    assert tests <= names


def test_all_wheels_together_provide_what_is_specified(
    environment: Environment,
) -> None:
    """Several distributions share the folders of `airlock.integrations`."""
    environment.install(ALL)
    environment.check()

    for block in SPECIFIED.values():
        environment.python("-c", code(block))
    environment.python("-c", select_all_plugins(ALL))
    table = environment.python("-m", "airlock")
    location = environment.python("-c", "import airlock; print(airlock.__file__)")

    assert location.startswith(str(environment.folder))
    for found in ALL:
        for _, name, target in found.entry_points:
            assert re.search(rf"\b{name} .*{found.name}.*{target}.* loads", table)


def test_the_readme_installs_a_clone(copy: Path, uv: str, tmp_path: Path) -> None:
    """Typed as it stands, with the pip of a fresh environment."""
    [folders] = re.findall(r"^\$ pip install (\./.*)$", README, re.MULTILINE)
    programs = tmp_path / "environment/bin"
    run(uv, "venv", "--seed", "--python", sys.executable, programs.parent, folder=copy)

    run(programs / "pip", "install", *folders.split(), folder=copy)
    table = run(programs / "python", "-W", "error", "-m", "airlock", folder=tmp_path)

    for folder in folders.split():
        assert folder.rpartition("/")[2] in table


@pytest.mark.parametrize("removed", SIBLINGS, ids=lambda found: found.name)
def test_the_others_work_after_one_is_uninstalled(
    environment: Environment, removed: Distribution
) -> None:
    """It takes its own files away, and not the folders it shares."""
    others = [found for found in ALL if found.name != removed.name]
    environment.install(ALL)

    environment.uninstall(removed.name)

    for found in others:
        environment.python("-c", code(SPECIFIED[found.name]))
    environment.python("-c", select_all_plugins(others))
    table = environment.python("-m", "airlock")
    assert removed.name not in table


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_a_distribution_alone_passes_its_own_tests(
    environment: Environment, built: Path, found: Distribution
) -> None:
    """It must not live on what another one, or a tool, happens to bring."""
    # Not tarfile: early Python 3.11 lacks the filter that Python 3.12 asks for.
    run("tar", "-xzf", sdist_of(found, built), folder=environment.folder)
    [tests] = environment.folder.glob("*/tests")
    # The configuration of pytest, and the marker for tests that need a server.
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, environment.folder / name)

    needed = [found] if found.is_core else [CORE, found]
    environment.install(needed, "pytest", "hypothesis", *extra_tools(found))
    # What takes longest is run elsewhere: workers that start, and random histories.
    without = [f"--ignore-glob=*/test_{name}.py" for name in LONG]
    chosen = ("-p", "no:cacheprovider", *without)
    summary = environment.python("-m", "pytest", *chosen, tests)

    assert re.search(r"\d+ passed", summary)


LONG = (
    *("cluster", "consumer", "servers", "worker*"),
    *("model", "seeded_bugs", "soak", "commit_programs"),
)


def extra_tools(found: Distribution) -> list[str]:
    """Return what the tests of a distribution need beside pytest and hypothesis."""
    django = ["pytest-django", "psycopg[binary]"]
    return {
        "airlock-django": [*django, "pymysql", "djangorestframework"],
        "airlock-executor-django-q": [*django, "redis"],
        "airlock-executor-django-tasks": [*django, "django-tasks", "django-tasks-db"],
    }.get(found.name, [])
