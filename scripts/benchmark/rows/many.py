"""What many intents cost: their memory, and whether a million is still cheap."""

from __future__ import annotations

import resource
import sys
import tracemalloc
from functools import partial
from typing import TYPE_CHECKING

import airlock
from benchmark.row import Row
from benchmark.task import ignore, per, task

if TYPE_CHECKING:
    from benchmark.row import Round

BUFFERED = 10_000
MILLION = 1_000_000


def buffered_bytes() -> Round:
    """Fill a buffer; count what Python allocated for it."""

    def measure() -> float:
        with airlock.scope(airlock.DropAll(), executor=ignore):
            tracemalloc.start()
            for number in range(BUFFERED):
                airlock.enqueue(task, number)
            held, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return held / BUFFERED

    return measure


def one_scope(intents: int) -> None:
    """Enqueue and flush so many intents in one scope."""
    enqueue = airlock.enqueue
    with airlock.scope(executor=ignore):
        for number in range(intents):
            enqueue(task, number)


def through_one_scope(intents: int) -> Round:
    """Time it for each of so many intents."""
    return lambda: per(intents, partial(one_scope, intents))


def peak_memory() -> Round:
    """Return the most memory that a million intents made resident."""

    def measure() -> float:
        before = _peak()
        one_scope(MILLION)
        return (_peak() - before) / MILLION

    return measure


def _peak() -> int:
    # Linux counts in kB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


ROWS = (
    Row("bytes per buffered intent", 0.82, buffered_bytes, unit="B"),
    Row(
        "1,000,000 intents in one scope, time of each",
        0.50,
        partial(through_one_scope, MILLION),
        is_long=True,
    ),
    Row(
        "1,000,000 intents in one scope, resident bytes of each",
        0.85,
        peak_memory,
        unit="B",
        is_long=True,
        is_fresh=True,
    ),
    Row(
        "one intent among 1,000,000",
        1.6,
        partial(through_one_scope, MILLION),
        partial(through_one_scope, MILLION // 10),
        against="one among 100,000",
        is_long=True,
    ),
)
