"""A plugin that is made outside this repository: found by name, and told apart.

Wheels of it and of ours are installed in a fresh environment.
"""

from __future__ import annotations

import re
import shutil
import textwrap
from typing import TYPE_CHECKING

import pytest

from fresh_environment import Environment, run
from layout_tree import ROOT, core, distributions

if TYPE_CHECKING:
    from pathlib import Path

    from layout_tree import Distribution

pytestmark = pytest.mark.wheels

PLUGIN = ROOT / "docs/examples/airlock-executor-threads"
PAGE = (ROOT / "docs/how-to/write-an-executor.md").read_text(encoding="utf-8")
CORE = core(ROOT)

DJANGO = """
import threading
from django.conf import settings

settings.configure(
    AIRLOCK={"TASK_BACKEND": "threads"}, INSTALLED_APPS=["airlock.integrations.django"]
)

import airlock
import django
from airlock.integrations.django import DjangoScope
from airlock_executor_threads import wait

django.setup()
with airlock.scope(_cls=DjangoScope):
    airlock.enqueue(lambda: print(threading.current_thread().name))
wait()
"""

SELECT = """
import airlock

try:
    airlock.resolve_executor("threads")
except airlock.PluginError as error:
    print(type(error).__name__, error)
airlock.resolve_executor("sync")
"""


@pytest.fixture(scope="module")
def built(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels of our distributions that take part, and of the plugin."""
    folder = tmp_path_factory.mktemp("built")
    for source in (CORE.folder, ROOT / "packages/airlock-django"):
        build(uv, source, folder)
    # From a copy: it knows nothing of the workspace around it.
    copy = tmp_path_factory.mktemp("outside") / "plugin"
    junk = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(PLUGIN, copy, ignore=junk)
    build(uv, copy, folder)
    return folder


def build(uv: str, source: Path, folder: Path) -> None:
    """Build the wheel of one folder."""
    run(uv, "build", "--quiet", "--wheel", "--out-dir", folder, source, folder=folder)


@pytest.fixture
def environment(uv: str, built: Path, tmp_path: Path) -> Environment:
    """An environment with nothing in it yet."""
    return Environment(uv, tmp_path, built)


def wheel_of_the_plugin(built: Path) -> str:
    """Return its only wheel."""
    [wheel] = built.glob("airlock_executor_threads-*.whl")
    return str(wheel)


def another(uv: str, built: Path, folder: Path, target: str, code: str) -> str:
    """Build a plugin that claims the name `threads`, too; return its wheel."""
    name = target.partition(":")[0]
    source = folder / name
    package = source / "src" / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code)
    (source / "pyproject.toml").write_text(
        textwrap.dedent(f"""
            [project]
            name = "{name}"
            version = "2.0"
            [project.entry-points."airlock.executors"]
            threads = "{target}"
            [build-system]
            requires = ["hatchling>=1.27"]
            build-backend = "hatchling.build"
        """)
    )
    build(uv, source, built)
    [wheel] = built.glob(f"{name}-*.whl")
    return str(wheel)


@pytest.mark.parametrize("language", ["python", "toml"])
def test_the_page_shows_it_as_it_is(language: str) -> None:
    """What is copied from there is what these tests have tried."""
    files = [path for path in PLUGIN.rglob("*") if path.suffix in {".py", ".toml"}]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    assert blocks
    for block in blocks:
        assert block in source


def test_it_passes_the_contract_and_its_own_tests(
    environment: Environment, built: Path
) -> None:
    """With pytest and core, and nothing else of this repository."""
    shutil.copytree(PLUGIN / "tests", environment.folder / "tests")
    environment.install([CORE], wheel_of_the_plugin(built), "pytest")
    environment.check()

    shown = environment.python("-m", "pytest", "-v", "-p", "no:cacheprovider")

    assert "TestThreadsExecutor::test_an_effect_happens_once PASSED" in shown


def test_it_is_listed(environment: Environment, built: Path) -> None:
    """With the distribution and the version that it comes from."""
    environment.install([CORE], wheel_of_the_plugin(built))

    table = environment.python("-m", "airlock")

    [line] = [line for line in table.splitlines() if " threads " in line]
    assert "airlock-executor-threads 1.0" in line
    assert line.endswith("loads")


def test_django_selects_it_by_its_name(environment: Environment, built: Path) -> None:
    """`TASK_BACKEND` takes the name of any installed executor."""
    django: Distribution = next(
        found for found in distributions(ROOT) if found.name == "airlock-django"
    )
    environment.install([CORE, django], wheel_of_the_plugin(built))

    shown = environment.python("-c", DJANGO)

    assert shown.startswith("airlock")


def test_one_that_fails_to_import_breaks_only_those_who_select_it(
    environment: Environment, built: Path, uv: str
) -> None:
    """The error names the distribution, its version and what is declared."""
    wheel = another(
        uv, built, environment.folder, "broken:send", "import no_such_queue"
    )
    environment.install([CORE], wheel)

    shown = environment.python("-c", SELECT)

    assert shown.startswith("BrokenPluginError")
    assert "broken 2.0" in shown
    assert "broken:send" in shown
    assert "no_such_queue" in shown


def test_two_that_claim_one_name_are_both_named(
    environment: Environment, built: Path, uv: str
) -> None:
    """Python would silently take whichever it finds first."""
    wheel = another(
        uv, built, environment.folder, "rival:send", "def send(intent): ..."
    )
    environment.install([CORE], wheel, wheel_of_the_plugin(built))

    shown = environment.python("-c", SELECT)

    assert shown.startswith("DuplicatePluginError")
    assert "rival 2.0" in shown
    assert "airlock-executor-threads 1.0" in shown


def test_one_of_the_wrong_kind_is_refused(
    environment: Environment, built: Path, uv: str
) -> None:
    """It names where the wrong declaration stands."""
    wheel = another(uv, built, environment.folder, "wrong:VERSION", "VERSION = 2")
    environment.install([CORE], wheel)

    shown = environment.python("-c", SELECT)

    assert shown.startswith("PluginTypeError")
    assert "wrong 2.0" in shown
    assert "Correct its declaration" in shown
