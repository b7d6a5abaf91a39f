"""Sending to Dramatiq."""

from __future__ import annotations

import atexit

from benchmark.queue import Queue, own_name, row
from benchmark.row import need_module, need_server


def connect() -> Queue:
    """Return a Dramatiq on Redis."""
    need_server("redis")
    need_module("airlock.integrations.executors.dramatiq")
    import dramatiq  # noqa: PLC0415 - the other side may lack it
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415

    broker = RedisBroker(namespace=own_name())  # type: ignore[no-untyped-call]

    @dramatiq.actor(broker=broker)
    def send(number: int) -> None:
        """Be sent."""

    # Its workers would tidy up what it keeps for them.
    atexit.register(broker.client.delete, f"{own_name()}:__heartbeats__")
    return Queue(send, "dramatiq", send.send, broker.flush_all)


ROWS = (row("Dramatiq on Redis, 1000 intents", 1.05, connect),)
