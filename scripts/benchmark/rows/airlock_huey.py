"""Sending to Huey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmark.queue import own_name, row
from benchmark.row import need_module, need_server

if TYPE_CHECKING:
    from collections.abc import Callable


def connect() -> tuple[Any, Callable[[Any, int], object], Callable[[], object]]:
    """Return a task of a Huey on Redis, its own call, and what empties its queue."""
    need_server("redis")
    need_module("airlock.integrations.executors.huey")
    from huey import RedisHuey  # noqa: PLC0415 - the other side may lack it

    queue = RedisHuey(own_name())

    @queue.task()  # type: ignore[untyped-decorator]
    def send(number: int) -> None:
        """Be sent."""

    return send, lambda task, number: task(number), queue.flush


ROWS = (row("Huey on Redis, 1000 intents", 1.05, "huey", connect),)
