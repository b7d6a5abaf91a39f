"""The page that says how fast airlock is: its code runs, its numbers are there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from benchmark.rows import ROWS
from layout_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE: Path = ROOT / "docs/explanation/how-fast.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_profile_shows_the_enqueue(capsys: pytest.CaptureFixture[str]) -> None:
    """It is where a reader starts to look."""
    [program] = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)

    exec(program, {"__name__": "page"})  # noqa: S102 - the page's own code

    assert re.search(r"10000 .*_api\.py:\d+\(enqueue\)", capsys.readouterr().out)


@pytest.mark.parametrize("target", re.findall(r"\]\((how-fast/[^)]+)\)", TEXT))
def test_what_the_page_refers_to_is_there(target: str) -> None:
    """The tables and the plot are written by scripts, and easily forgotten."""
    assert PAGE.parent.joinpath(target).stat().st_size > 0


@pytest.mark.parametrize("version", ["3.11", "3.13"])
def test_the_numbers_are_those_of_the_rows(version: str) -> None:
    """A row that was added or renamed has to be measured again."""
    measured = json.loads((PAGE.parent / f"how-fast/{version}.json").read_text())

    assert [row["title"] for row in measured["rows"]] == [row.title for row in ROWS]
    assert all(len(point) > 1 for point in measured["curve"])
