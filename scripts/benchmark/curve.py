"""The cost of one intent against how many there are in one scope, for the plot."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from benchmark.contest import Effort, contest
from benchmark.row import OTHER
from benchmark.rows.airlock_django import set_up
from benchmark.rows.many import one_scope
from benchmark.task import per, task

if TYPE_CHECKING:
    from benchmark.row import Make, Round

__all__ = ["CURVE", "LINES", "trace"]

SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
# Below this, one scope is too short to be timed alone.
LEAST = 1000
ON_COMMIT = "on_commit(partial)"
LINES = ("airlock", OTHER, ON_COMMIT)
# Django takes its callbacks from the front of a list: a million take minutes.
MOST = {ON_COMMIT: 100_000}


def scopes(intents: int) -> Round:
    """Open a scope, enqueue so many and flush; again, until it can be timed."""
    times = max(1, LEAST // intents)

    def work() -> None:
        for _ in range(times):
            one_scope(intents)

    return lambda: per(times * intents, work)


def transactions(intents: int) -> Round:
    """Do as `scopes()` does, with a transaction and its callbacks."""
    set_up()
    from django.db import transaction  # noqa: PLC0415 - the other side may lack it

    times = max(1, LEAST // intents)

    def work() -> None:
        for _ in range(times):
            with transaction.atomic():
                for number in range(intents):
                    transaction.on_commit(partial(task, number))

    return lambda: per(times * intents, work)


CURVE: dict[str, Make] = {
    **{f"scopes of {size}": partial(scopes, size) for size in SIZES},
    **{f"transactions of {size}": partial(transactions, size) for size in SIZES},
}


def trace(ours: str, other: str, effort: Effort) -> list[dict[str, Any]]:
    """Measure each size; return the nanoseconds per intent on each line."""
    points = []
    for size in SIZES:
        sides = {
            "airlock": (ours, f"scopes of {size}"),
            OTHER: (other, f"scopes of {size}"),
            ON_COMMIT: (ours, f"transactions of {size}"),
        }
        chosen = {
            line: side for line, side in sides.items() if size <= MOST.get(line, size)
        }
        rounds = effort.rounds if size < SIZES[-2] else min(effort.rounds, 2)
        taken = contest(chosen, Effort(effort.processes, rounds))
        best = {line: min(t) for line, t in zip(chosen, taken, strict=True)}
        points.append({"intents": size, **best})
    return points
