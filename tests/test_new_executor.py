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
    path = f"PATH={Path(uv).parent}{os.pathsep}{os.environ['PATH']}"
    script = copy / "scripts/new_executor"

    run("env", path, script, "carrier-pigeon", "asgiref>=3.8", folder=copy)

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
        (["huey"], "'huey' exists: packages/airlock-executor-huey/"),
        (["sync"], "'sync' exists: packages/airlock-core/"),
        (["pigeon", "pigeons"], "'pigeons' has no lower bound"),
    ],
)
def test_a_name_that_cannot_work_is_refused_before_anything_is_written(
    copy: Path, arguments: list[str], complaint: str
) -> None:
    """Half a distribution would be harder to mend than none."""
    before = sorted(copy.rglob("*"))

    refused = new_executor(copy, *arguments)

    assert refused.returncode == 1
    assert complaint in refused.stderr
    assert sorted(copy.rglob("*")) == before


def new_executor(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the part of the script that needs no uv, in a copy of the repository."""
    script = root / "scripts/new_executor.py"
    return subprocess.run(
        [sys.executable, script, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
