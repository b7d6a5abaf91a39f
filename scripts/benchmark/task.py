"""Tasks, policies and executors that do nothing, so that only airlock is measured."""

from __future__ import annotations

from time import process_time_ns
from typing import TYPE_CHECKING

import airlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock import Intent

__all__ = ["ignore", "per", "task", "watching"]


def task(number: int) -> None:
    """Be enqueued."""


def ignore(intent: Intent) -> None:
    """Dispatch nothing."""


def watching() -> airlock.Policy:
    """Return a policy with a hook of its own, as one that counts would have."""

    class Watching(airlock.AllowAll):
        def on_enqueue(self, intent: Intent) -> None:
            del intent

    return Watching()


def per(count: int, work: Callable[[], object]) -> float:
    """Return the nanoseconds of work for each of its parts.

    Of this process's work: what others do meanwhile on the machine is not in it.
    """
    start = process_time_ns()
    work()
    return (process_time_ns() - start) / count
