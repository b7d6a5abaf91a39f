"""Print the results of the real-worker tests as a table."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = ("case", "pool", "broker", "result")
OUTCOMES = {"failure": "FAILED", "error": "ERROR", "skipped": "not in this pool"}


class Row(NamedTuple):
    """One case with one pool on one broker."""

    case: str
    pool: str
    broker: str
    result: str


def rows(report: Path) -> Iterator[Row]:
    """Read what pytest wrote."""
    for found in ET.parse(report).iter("testcase"):  # noqa: S314 - our own file
        name, _, parameters = found.get("name", "").rstrip("]").partition("[")
        pool, broker, *others = [*parameters.split("-"), "", ""][:3]
        topic = found.get("classname", "").rpartition("test_worker_")[2]
        case = re.sub("^test_", f"{topic}: ", name).replace("_", " ")
        if others[0]:
            case += f" ({others[0]})"
        result = next(
            (OUTCOMES[part.tag] for part in found if part.tag in OUTCOMES), "ok"
        )
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
