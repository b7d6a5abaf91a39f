"""Print the results of the real-worker tests as a table."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from junit import tests

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = ("case", "pool", "broker", "result")


class Row(NamedTuple):
    """One case with one pool on one broker."""

    case: str
    pool: str
    broker: str
    result: str


def rows(report: Path) -> Iterator[Row]:
    """Tell the pool and the broker from the parameters of each test."""
    for test in tests(report):
        pool, broker, *others = [*test.parameters.split("-"), "", ""][:3]
        topic = test.module.rpartition("test_worker_")[2]
        case = re.sub("^test_", f"{topic}: ", test.name).replace("_", " ")
        if others[0]:
            case += f" ({others[0]})"
        result = test.outcome.replace("skipped", "not in this pool")
        yield Row(case, pool, broker, result)


def main() -> None:
    """Print one line per case, and how many of each result there are."""
    table = sorted(rows(Path(sys.argv[1])))
    widths = [max(map(len, column)) for column in zip(HEADER, *table, strict=True)]
    for line in (HEADER, ["-" * width for width in widths], *table):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print(" | ".join(cells).rstrip())  # noqa: T201 - what it is for
    results = [row.result for row in table]
    counts = [f"{results.count(result)} {result}" for result in sorted(set(results))]
    print(f"\n{', '.join(counts)}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
