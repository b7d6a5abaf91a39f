"""Sending a thousand messages: through a scope, and by the queue's own call."""

from __future__ import annotations

import atexit
import os
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

import airlock
from benchmark.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock import Executor
    from benchmark.row import Round

__all__ = ["MESSAGES", "Queue", "own_name", "row"]

MESSAGES = 1000


def own_name() -> str:
    """Return a name for a queue that nobody else has."""
    return f"airlock-bench-{os.getpid()}"


class Queue(NamedTuple):
    """A queue that is ready to be sent to.

    Args:
        task: What is sent, with a number.
        executor: Airlock's, or its name.
        call: The queue's own way to send the task with a number.
        empty: Removes what waits in the queue.
    """

    task: Any
    executor: Executor | str
    call: Callable[[int], object]
    empty: Callable[[], object]


def row(title: str, goal: float, connect: Callable[[], Queue]) -> Row:
    """Return the row of a queue.

    Args:
        title: As in `Row`.
        goal: As in `Row`.
        connect: Connects to the queue.
    """

    def ours() -> Round:
        queue = connect()

        def work() -> None:
            with airlock.scope(executor=queue.executor):
                for number in range(MESSAGES):
                    airlock.enqueue(queue.task, number)

        return emptied(work, queue.empty)

    def loop() -> Round:
        queue = connect()

        def work() -> None:
            for number in range(MESSAGES):
                queue.call(number)

        return emptied(work, queue.empty)

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
