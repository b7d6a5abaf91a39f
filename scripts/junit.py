"""What pytest wrote about each test, as `--junit-xml` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OUTCOMES = {"failure": "FAILED", "error": "ERROR", "skipped": "skipped"}


class Test(NamedTuple):
    """One test: where it is, its name, its parameters, and what became of it."""

    module: str
    name: str
    parameters: str
    outcome: str


def tests(report: Path) -> Iterator[Test]:
    """Read what pytest wrote."""
    for found in ET.parse(report).iter("testcase"):  # noqa: S314 - our own file
        name, _, parameters = found.get("name", "").rstrip("]").partition("[")
        outcome = next(
            (OUTCOMES[part.tag] for part in found if part.tag in OUTCOMES), "ok"
        )
        yield Test(found.get("classname", ""), name, parameters, outcome)
