"""Sending a thousand messages: through a scope, and by the queue's own call."""

from __future__ import annotations

import atexit
import os
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import airlock
from benchmark.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmark.row import Round

__all__ = ["MESSAGES", "own_name", "row"]

MESSAGES = 1000


def own_name() -> str:
    """Return a name for a queue that nobody else has."""
    return f"airlock-bench-{os.getpid()}"


def row(
    title: str,
    goal: float,
    executor: str,
    connect: Callable[
        [], tuple[Any, Callable[[Any, int], object], Callable[[], object]]
    ],
) -> Row:
    """Return the row of a queue.

    Args:
        title: As in `Row`.
        goal: As in `Row`.
        executor: The name of airlock's executor.
        connect: Returns a task, the queue's own call of it, and what empties the queue.
    """

    def ours() -> Round:
        task, _, empty = connect()

        def work() -> None:
            with airlock.scope(executor=executor):
                for number in range(MESSAGES):
                    airlock.enqueue(task, number)

        return emptied(work, empty)

    def loop() -> Round:
        task, call, empty = connect()

        def work() -> None:
            for number in range(MESSAGES):
                call(task, number)

        return emptied(work, empty)

    return Row(title, goal, ours, loop, against="its own call", is_long=True, repeat=4)


def emptied(work: Callable[[], None], empty: Callable[[], object]) -> Round:
    """Return a round of the work, which leaves nothing in the queue."""
    atexit.register(empty)

    def measure() -> float:
        # Not the work of this process alone: it waits for the server.
        start = perf_counter_ns()
        work()
        took = perf_counter_ns() - start
        empty()
        return took / MESSAGES

    return measure
