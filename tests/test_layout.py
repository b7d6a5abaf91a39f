"""The layout of the tree: each rule holds here, and fails where it is broken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import layout_files
import layout_imports
import layout_metadata
import layout_names
from fresh_environment import run
from layout_breakages import AIRLOCK, BREAKAGES, EXECUTOR, HUEY
from layout_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rule = Callable[[Path], list[str]]

RULES = (
    *layout_files.RULES,
    *layout_metadata.RULES,
    *layout_imports.RULES,
    *layout_names.RULES,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps(rule: Rule) -> None:
    """What breaks a rule today is what somebody will trip over tomorrow."""
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("name", "file", "edit", "complaint"),
    BREAKAGES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_tree_is_found_out(
    copy: Path, name: str, file: str, edit: tuple[str, str], complaint: str
) -> None:
    """A rule that cannot fail says nothing when it passes."""
    rule = next(rule for rule in RULES if rule.__name__ == name)
    before = rule(copy)

    break_file(copy / file, *edit)

    added = [problem for problem in rule(copy) if problem not in before]
    assert complaint in "\n".join(added)


def test_a_missing_piece_of_a_distribution_is_found_out(copy: Path) -> None:
    """Nothing is added here: what is missed is a file that is not there."""
    (copy / HUEY / "CHANGELOG.md").unlink()

    problems = layout_files.distributions_have_the_standard_shape(copy)

    assert problems == ["airlock-executor-huey: CHANGELOG.md is missing"]


def test_every_rule_has_been_seen_to_fail() -> None:
    """A new rule needs a breakage above."""
    elsewhere = {"distributions_have_the_standard_shape"}
    broken = {name for name, *_ in BREAKAGES} | elsewhere

    assert broken == {rule.__name__ for rule in RULES}


def test_imports_for_types_alone_may_point_up(copy: Path) -> None:
    """They are not run, so they cannot go in circles."""
    break_file(
        copy / AIRLOCK / "_context.py",
        "",
        "\nif TYPE_CHECKING:\n    import airlock._api\n",
    )

    assert layout_imports.core_imports_point_one_way(copy) == []


def test_a_long_file_may_say_why(copy: Path) -> None:
    """The rule is for those who read, and sometimes one long file reads better."""
    reason = "# Over 300 lines: it is a table.\n"
    before = layout_files.no_file_is_long_without_a_reason(copy)

    break_file(copy / EXECUTOR / "__init__.py", "", reason + "\n" * 301)

    assert layout_files.no_file_is_long_without_a_reason(copy) == before


@pytest.mark.parametrize(
    ("version", "following"), [("0.1.0", "0.2"), ("0.9.3", "0.10"), ("1.4.2", "2")]
)
def test_a_range_ends_where_the_next_series_begins(
    version: str, following: str
) -> None:
    """Before 1.0 a minor version may break things, from then on a major one."""
    assert layout_metadata.next_series(version) == following


def test_installed_versions_satisfy_what_the_distributions_declare(uv: str) -> None:
    """The workspace itself does not enforce the bounds between its members."""
    run(uv, "pip", "check", "--python", sys.executable, folder=ROOT)


def break_file(path: Path, old: str, new: str) -> None:
    """Replace a piece of a file, or append to it; make the file if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text() if path.exists() else ""
    assert old in text, f"{path} no longer holds {old!r}: adapt the test."
    path.write_text(text.replace(old, new, 1) if old else text + new)
