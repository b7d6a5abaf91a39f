"""`scripts/new_executor`: one more distribution, in the standard shape."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import layout_files
import layout_imports
import layout_metadata
import layout_names
from fresh_environment import Environment, run
from layout_tree import core, distributions

RULES = (
    *layout_files.RULES,
    *layout_metadata.RULES,
    *layout_imports.RULES,
    *layout_names.RULES,
)


@pytest.mark.wheels
def test_the_new_distribution_keeps_all_rules_and_passes_its_tests(
    copy: Path, uv: str, tmp_path: Path
) -> None:
    """Whoever adds a queue starts from something that works."""
    script = copy / "scripts/new_executor"

    run("env", path_with(uv), script, "carrier-pigeon", "asgiref>=3.8", folder=copy)

    assert [problem for rule in RULES for problem in rule(copy)] == []

    run(uv, "lock", "--check", folder=copy)
    run(uv, "build", "--all-packages", "--out-dir", tmp_path / "built", folder=copy)
    [made] = [found for found in distributions(copy) if "pigeon" in found.name]
    environment = Environment(uv, tmp_path, tmp_path / "built")
    environment.install([core(copy), made], "pytest", "hypothesis")
    environment.python("-m", "pytest", "-p", "no:cacheprovider", made.folder / "tests")


def test_the_new_distribution_keeps_the_style(copy: Path) -> None:
    """What is stamped out is read, and copied, more often than other code."""
    pytest.importorskip("ruff", reason="Ruff belongs to the group `dev`")
    new_executor(copy, "carrier-pigeon")
    [made] = [found for found in distributions(copy) if "pigeon" in found.name]

    changed = [made.folder, core(copy).src / "airlock/_registry.py"]
    for command in (["check"], ["format", "--diff"]):
        run(sys.executable, "-m", "ruff", *command, *changed, folder=copy)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["Pigeon"], "'Pigeon' cannot be the name of an executor. Expected words"),
        (["carrier_pigeon"], "'carrier_pigeon' cannot be the name"),
        (["../pigeon"], "'../pigeon' cannot be the name"),
        (["class"], "'class' is a keyword of Python"),
        (["huey"], "'huey' is taken: packages/airlock-executor-huey/"),
        (["sync"], "'sync' is taken: packages/airlock-core/"),
        (["django"], "'django' is taken: an extra in packages/airlock-core/"),
        (["pigeon", "pigeons"], "'pigeons' has no lower bound"),
    ],
)
def test_a_name_that_cannot_work_is_refused_before_anything_is_written(
    copy: Path, arguments: list[str], complaint: str
) -> None:
    """Half a distribution would be harder to mend than none."""
    before = contents(copy)

    refused = new_executor(copy, *arguments)

    assert refused.returncode == 1
    assert complaint in refused.stderr
    assert contents(copy) == before


def test_a_name_that_another_distribution_provides_is_refused(copy: Path) -> None:
    """Core says what to install for a name, and can say only one thing."""
    registry = core(copy).src / "airlock/_registry.py"
    entry = '    ("airlock.executors", "carrier_pigeon"): "airlock-birds",\n'
    edited = registry.read_text().replace(
        "FIRST_PARTY = {\n", f"FIRST_PARTY = {{\n{entry}"
    )
    registry.write_text(edited)

    refused = new_executor(copy, "carrier-pigeon")

    assert "'carrier-pigeon' is taken: FIRST_PARTY in packages/" in refused.stderr
    assert registry.read_text() == edited


def test_a_folder_that_is_there_is_left_alone(copy: Path) -> None:
    """Somebody may have begun by hand."""
    begun = copy / "packages/airlock-executor-pigeon/NOTES"
    begun.parent.mkdir()
    begun.write_text("feathers\n")
    before = contents(copy)

    refused = new_executor(copy, "pigeon")

    assert "'pigeon' is taken: packages/airlock-executor-pigeon" in refused.stderr
    assert contents(copy) == before


def test_what_cannot_be_locked_is_undone(copy: Path) -> None:
    """Only uv can tell, and by then the distribution stands in the repository."""
    before = contents(copy)

    refused = new_executor(copy, "pigeon", "pigeons>=1", uv="false")

    assert refused.returncode == 1
    assert '"pigeons>=1"; its own message stands above' in refused.stderr
    assert contents(copy) == before


def test_what_cannot_be_registered_is_undone(copy: Path) -> None:
    """A heading that somebody renamed is found only on the way."""
    readme = copy / "README.md"
    readme.write_text(readme.read_text().replace("|---|---|", "|:--|:--|"))
    before = contents(copy)

    refused = new_executor(copy, "pigeon")

    assert "README.md has no line '|---|---|'" in refused.stderr
    assert contents(copy) == before


@pytest.mark.wheels
def test_a_requirement_that_nobody_can_meet_is_undone(copy: Path, uv: str) -> None:
    """With the real uv, which names the requirement."""
    before = contents(copy)

    refused = subprocess.run(
        [copy / "scripts/new_executor", "carrier-pigeon", "asgiref>=9999"],
        env={**os.environ, "PATH": path_with(uv).removeprefix("PATH=")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 1
    assert "asgiref" in refused.stderr
    assert contents(copy) == before


def contents(root: Path) -> dict[Path, bytes]:
    """Return every file of a folder, and what it holds."""
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def path_with(uv: str) -> str:
    """Return the setting of PATH with which the scripts find this uv."""
    return f"PATH={Path(uv).parent}{os.pathsep}{os.environ['PATH']}"


def new_executor(
    root: Path, *arguments: str, uv: str = "true"
) -> subprocess.CompletedProcess[str]:
    """Run the script in a copy of the repository, with a uv that locks nothing."""
    script = root / "scripts/new_executor.py"
    return subprocess.run(
        [sys.executable, script, *arguments],
        env={**os.environ, "UV": uv},
        capture_output=True,
        text=True,
        check=False,
    )
