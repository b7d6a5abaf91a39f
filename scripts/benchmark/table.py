"""The results as a table, for a terminal and for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.result import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmark.result import Result

__all__ = ["cells", "in_markdown", "in_text"]

HEADER = ("case", "ours", "baseline", "against", "ratio", "goal", "met", "spread")


def cells(result: Result) -> tuple[str, ...]:
    """Return what the table says about one row."""
    if result.missing:
        return (result.title, "", "", result.against, "", _goal(result), "not run", "")
    return (
        result.title,
        amount(min(result.ours), result.unit),
        amount(min(result.baseline), result.unit),
        result.against,
        f"{result.ratio:.2f}",
        _goal(result),
        "yes" if result.is_met else "NO",
        f"{spread(result.ours):.0%} / {spread(result.baseline):.0%}",
    )


def in_text(results: Sequence[Result]) -> str:
    """Return the table for a terminal, and what is missing below it."""
    table = [HEADER, *map(cells, results)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, tuple("-" * width for width in widths))
    lines = [
        " | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in table
    ]
    return "\n".join([*map(str.rstrip, lines), "", *notes(results)])


def in_markdown(results: Sequence[Result]) -> str:
    """Return the table for a page."""
    table = [HEADER, ("---",) * len(HEADER), *map(cells, results)]
    lines = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([*lines, "", *(f"- {note}" for note in notes(results))])


def notes(results: Sequence[Result]) -> list[str]:
    """Tell how many goals were met, and what was not run."""
    run = [result for result in results if not result.missing]
    met = sum(result.is_met for result in run)
    missing = [f"Not run: {each.title}: {each.missing}." for each in results]
    return [
        f"{met} of {len(run)} goals met.",
        *(note for note, each in zip(missing, results, strict=True) if each.missing),
    ]


def amount(number: float, unit: str) -> str:
    """Return a number of nanoseconds or bytes, for people to read."""
    steps = ("ns", "µs", "ms", "s") if unit == "ns" else ("B", "kB", "MB", "GB")
    for step in steps[:-1]:
        if number < 1000:  # noqa: PLR2004 - where the next unit begins
            return f"{number:.3g} {step}"
        number /= 1000
    return f"{number:.3g} {steps[-1]}"


def _goal(result: Result) -> str:
    return f"<= {result.goal:.2f}"
