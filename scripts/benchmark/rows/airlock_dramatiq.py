"""Sending to Dramatiq."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmark.queue import own_name, row
from benchmark.row import need_module, need_server

if TYPE_CHECKING:
    from collections.abc import Callable


def connect() -> tuple[Any, Callable[[Any, int], object], Callable[[], object]]:
    """Return an actor on Redis, its own call, and what empties its queue."""
    need_server("redis")
    need_module("airlock.integrations.executors.dramatiq")
    import dramatiq  # noqa: PLC0415 - the other side may lack it
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415

    broker = RedisBroker(namespace=own_name())  # type: ignore[no-untyped-call]

    @dramatiq.actor(broker=broker)
    def send(number: int) -> None:
        """Be sent."""

    return send, lambda actor, number: actor.send(number), broker.flush_all


ROWS = (row("Dramatiq on Redis, 1000 intents", 1.05, "dramatiq", connect),)
