"""Print how many cases passed on real workers, by queue and broker."""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from junit import tests

if TYPE_CHECKING:
    from junit import Test

# Found in the parameters of a test.
BROKERS = ("sqlite", "postgres", "rabbitmq", "redis")
# Queues that have no other.
ONLY = {"rq": "redis"}
HEADER = ("queue", "broker", "cases", "result")


def queue_of(test: Test) -> str:
    """Return the name of the queue, by the distribution."""
    found = re.search(r"airlock-(?:executor-)?([\w-]+)", test.module)
    return found[1] if found else test.module


def broker_of(test: Test) -> str:
    """Return the broker that a test ran on, or that nothing tells which."""
    told = test.parameters.lower()
    found = next((broker for broker in BROKERS if broker in told), None)
    return found or ONLY.get(queue_of(test), "not told")


def main() -> None:
    """Print one line for each queue on each broker; skipped is what cannot be there."""
    results: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for test in tests(Path(sys.argv[1])):
        results[queue_of(test), broker_of(test)][test.outcome] += 1
    table = [HEADER]
    for (queue, broker), counts in sorted(results.items()):
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        table.append((queue, broker, str(counts.total()), told))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print(" | ".join(cells).rstrip())  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
