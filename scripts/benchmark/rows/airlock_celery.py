"""Sending to Celery."""

from __future__ import annotations

import atexit
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmark.queue import own_name, row
from benchmark.row import UnavailableError, need_module, need_server

if TYPE_CHECKING:
    from collections.abc import Callable

URLS = {
    "redis": "redis://127.0.0.1",
    "rabbitmq": "amqp://guest:guest@127.0.0.1",
}
# Since this version kombu can send many messages to Redis in one round trip.
BATCHES = (5, 7)


def connect(
    broker: str,
) -> tuple[Any, Callable[[Any, int], object], Callable[[], object]]:
    """Return a task on the broker, its own call, and what empties its queue."""
    need_server(broker)
    need_module("airlock.integrations.executors.celery")
    import kombu  # noqa: PLC0415 - the other side may lack it
    from celery import Celery  # noqa: PLC0415

    if broker == "redis" and kombu.VERSION[:2] < BATCHES:
        msg = f"needs kombu 5.7 or newer, and {kombu.__version__} is installed"
        raise UnavailableError(msg)
    app = Celery(own_name(), broker=URLS[broker], set_as_current=False)
    app.conf.task_default_queue = own_name()

    @app.task(shared=False)  # type: ignore[untyped-decorator]
    def send(number: int) -> None:
        """Be sent."""

    def on_the_queue(operation: str) -> None:
        with app.connection_for_write() as connection:
            getattr(connection.default_channel, operation)(own_name())

    atexit.register(on_the_queue, "queue_delete")
    empty = partial(on_the_queue, "queue_purge")
    return send, lambda task, number: task.delay(number), empty


ROWS = (
    row("Celery on Redis, 1000 intents", 0.50, "celery", partial(connect, "redis")),
    row(
        "Celery on RabbitMQ, 1000 intents", 1.05, "celery", partial(connect, "rabbitmq")
    ),
)
