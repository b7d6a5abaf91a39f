"""Sending to Huey."""

from __future__ import annotations

from benchmark.queue import Queue, own_name, row
from benchmark.row import need_module, need_server


def connect() -> Queue:
    """Return a Huey on Redis."""
    need_server("redis")
    need_module("airlock.integrations.executors.huey")
    from huey import RedisHuey  # noqa: PLC0415 - the other side may lack it

    queue = RedisHuey(own_name())

    @queue.task()  # type: ignore[untyped-decorator]
    def send(number: int) -> None:
        """Be sent."""

    return Queue(send, "huey", send, queue.flush)


ROWS = (row("Huey on Redis, 1000 intents", 1.05, connect),)
