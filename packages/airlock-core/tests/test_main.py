"""``python -m airlock``."""

from __future__ import annotations

import runpy
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from airlock import installed_plugins, plugin_table
from airlock._registry import index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _fresh_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(tmp_path)
    index.forget()
    yield
    index.forget()


def run(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], object]:
    """Run the command in this process; return its lines and exit status."""
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("airlock", run_name="__main__")
    return capsys.readouterr().out.splitlines(), stop.value.code


def declare(folder: Path, name: str, entry_points: str) -> None:
    """Write the metadata of an installed distribution."""
    info = folder / f"{name}-3.4.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {name}\nVersion: 3.4\n")
    (info / "entry_points.txt").write_text(entry_points)


def test_the_command_works_as_a_process() -> None:
    """Shells and deployment checks call it so."""
    listing = subprocess.run(
        [sys.executable, "-m", "airlock"], capture_output=True, text=True, check=True
    )

    assert "airlock.integrations.executors.sync:sync_executor" in listing.stdout


def test_importing_it_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Documentation tools import every module."""
    runpy.run_module("airlock.__main__", run_name="airlock.__main__")

    assert capsys.readouterr().out == ""


def test_every_plugin_is_listed_with_its_source(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Group, name, distribution and version, target, and that it loads."""
    [heading, *lines], status = run(capsys)

    assert status == 0
    assert heading.split() == ["GROUP", "NAME", "DISTRIBUTION", "TARGET", "STATUS"]
    [sync] = [line for line in lines if " sync " in line]
    assert sync.split() == [
        "airlock.executors",
        "sync",
        "airlock-core",
        "0.1.0",
        "airlock.integrations.executors.sync:sync_executor",
        "loads",
    ]


def test_the_listing_can_be_had_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """For the command of a framework, which prints in its own way."""
    lines, _ = run(capsys)

    assert plugin_table(installed_plugins()).splitlines() == lines


def test_no_plugins_are_a_heading() -> None:
    """Columns are as wide as what stands in them."""
    assert plugin_table([]) == "GROUP  NAME  DISTRIBUTION  TARGET  STATUS"


def test_a_broken_plugin_is_told_and_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A deployment check can rely on the exit status."""
    declare(tmp_path, "toy", "[airlock.executors]\ntoy = nowhere:run\n")

    lines, status = run(capsys)

    assert status == 1
    [line] = [line for line in lines if " toy " in line]
    assert "toy 3.4" in line
    assert "ModuleNotFoundError: No module named 'nowhere'" in line


def test_a_plugin_that_exits_cannot_end_the_listing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its row tells what it did, on one line."""
    declare(tmp_path, "toy", "[airlock.executors]\ntoy = exits_at_import:run\n")
    (tmp_path / "exits_at_import.py").write_text("raise SystemExit('no\\nlicence')\n")

    lines, status = run(capsys)

    assert status == 1
    [line] = [line for line in lines if " toy " in line]
    assert "SystemExit: no licence." in line


def test_a_policy_that_cannot_be_made_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It imports, and would fail in the first scope."""
    declare(tmp_path, "toy", "[airlock.policies]\ntoy = airlock:BlockTasks\n")

    _, status = run(capsys)

    assert status == 1


def test_two_claims_of_one_name_fail_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are listed, each with its distribution."""
    declare(tmp_path, "toy", "[airlock.policies]\ntoy = airlock:DropAll\n")
    declare(tmp_path, "fake", "[airlock.policies]\ntoy = airlock:AllowAll\n")

    lines, status = run(capsys)

    assert status == 1
    assert len([line for line in lines if "claimed" in line]) == 2
