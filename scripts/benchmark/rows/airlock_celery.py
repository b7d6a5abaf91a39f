"""Sending to Celery."""

from __future__ import annotations

import atexit
from functools import partial

from benchmark.queue import Queue, own_name, row
from benchmark.row import UnavailableError, need_module, need_server

URLS = {
    "redis": "redis://127.0.0.1",
    "rabbitmq": "amqp://guest:guest@127.0.0.1",
}
# Since this version kombu can send many messages to Redis in one round trip.
BATCHES = (5, 7)
# Where kombu keeps what is bound to an exchange: newer versions have two places.
BINDINGS = ("binding", "binding_permanent")


def connect(broker: str) -> Queue:
    """Return a Celery on the broker."""
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

    def remove() -> None:
        on_the_queue("queue_delete")
        if broker == "redis":
            kept = [f"_kombu.{at}.{own_name()}" for at in BINDINGS]
            with app.connection_for_write() as connection:
                connection.default_channel.client.delete(*kept)

    atexit.register(remove)
    empty = partial(on_the_queue, "queue_purge")
    return Queue(send, "celery", send.delay, empty)


ROWS = (
    row("Celery on Redis, 1000 intents", 0.50, partial(connect, "redis")),
    row("Celery on RabbitMQ, 1000 intents", 1.05, partial(connect, "rabbitmq")),
)
