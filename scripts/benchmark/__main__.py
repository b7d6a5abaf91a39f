"""Measure every row, print the table, and write it down."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.contest import Effort, contest
from benchmark.curve import trace
from benchmark.result import Result
from benchmark.row import OTHER, Row, UnavailableError
from benchmark.rows import ROWS
from benchmark.table import in_markdown, in_text

if TYPE_CHECKING:
    from collections.abc import Sequence

QUICK = Effort(processes=1, rounds=15)
THOROUGH = Effort(processes=3, rounds=30)
# Of those whose rounds take seconds.
QUICK_LONG = Effort(processes=1, rounds=2)
THOROUGH_LONG = Effort(processes=2, rounds=3)


def main(arguments: Sequence[str]) -> int:
    """Return 1 if a goal is missed."""
    given = parse(arguments)
    chosen = [row for row in ROWS if given.only in row.title]
    if not chosen:
        raise SystemExit(
            f"bench: no case holds {given.only!r} in its title. There are: "
            f"{', '.join(row.title for row in ROWS)}. Correct what --only says."
        )
    results = [measure(row, given.other, is_quick=given.quick) for row in chosen]
    effort = QUICK_LONG if given.quick else THOROUGH_LONG
    curve = trace(sys.executable, given.other, effort) if not given.only else []
    sys.stderr.write("\n")
    print(in_text(results))  # noqa: T201 - what it is for
    write(given.output, results, curve)
    return 0 if all(result.is_met for result in results) else 1


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; scripts/bench says what it means."""
    parser = argparse.ArgumentParser("bench", allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="take under two minutes")
    parser.add_argument("--only", default="", help="measure what has this in its title")
    parser.add_argument("--output", type=Path, default=Path("build/bench"))
    parser.add_argument("--other", required=True, help=f"a Python that has {OTHER}")
    return parser.parse_args(arguments)


def measure(row: Row, other: str, *, is_quick: bool) -> Result:
    """Measure both sides of a row alternately."""
    sides = {
        "ours": (sys.executable, f"ours: {row.title}"),
        "baseline": (
            other if row.against == OTHER else sys.executable,
            f"baseline: {row.title}",
        ),
    }
    facts = row.title, row.against, row.unit, row.goal
    try:
        ours, baseline = contest(sides, effort(row, is_quick=is_quick))
    except UnavailableError as error:
        return Result(*facts, ours=[], baseline=[], missing=str(error))
    return Result(*facts, ours=ours, baseline=baseline)


def effort(row: Row, *, is_quick: bool) -> Effort:
    """Return how often to measure a row."""
    if row.is_long:
        chosen = QUICK_LONG if is_quick else THOROUGH_LONG
    else:
        chosen = QUICK if is_quick else THOROUGH
    rounds = 1 if row.is_fresh else chosen.rounds * row.repeat
    return Effort(chosen.processes, rounds)


def write(
    folder: Path, results: Sequence[Result], curve: Sequence[dict[str, Any]]
) -> None:
    """Write what was measured, as JSON and for a page."""
    folder.mkdir(parents=True, exist_ok=True)
    python = ".".join(platform.python_version_tuple()[:2])
    about = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "airlock": version("airlock-core"),
    }
    data = {
        "about": about,
        "rows": [result.as_json() for result in results],
        "curve": list(curve),
    }
    (folder / f"{python}.json").write_text(json.dumps(data, indent=1) + "\n")
    title = f"# Measured on Python {about['python']}, {about['machine']}"
    page = f"{title}\n\n{in_markdown(results)}\n"
    (folder / f"{python}.md").write_text(page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
