"""Apps with a real broker, and what is really in their queues."""

# Kombu is untyped.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from executor_app import make_app
from kombu import pools
from kombu.connection import Connection
from kombu.entity import Queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery import Celery

# Whoever tests this distribution alone has Celery, and not the extra of it.
redis = pytest.importorskip("redis", reason="celery[redis] is needed")

PORTS = {"redis": 6379, "amqp": 5672}


def url(scheme: str, port: int | None = None) -> str:
    """Return the address of a broker, at its own port if none is given."""
    user, path = ("guest:guest@", "/") if scheme == "amqp" else ("", "0")
    return f"{scheme}://{user}127.0.0.1:{port or PORTS[scheme]}/{path}"


@contextmanager
def broker_app(
    scheme: str, port: int | None = None, block: str = "", **settings: Any
) -> Iterator[Celery]:
    """Make an app with a real broker, and clear all of it away afterwards.

    Args:
        scheme: Which broker.
        port: Where it is, or what is in its way.
        block: Code that configures `app`, as a page shows it.
        settings: Settings beside that.
    """
    app = make_app(broker_url=url(scheme, port))
    name = app.conf.task_default_queue
    exec(block, {"app": app})  # noqa: S102 - the page's own code
    app.conf.update(settings)
    if scheme == "redis":
        _add_option(app, "broker_transport_options", f"{name}-")
        _add_option(app, "result_backend_transport_options", f"{name}-")
    try:
        yield app
    finally:
        _close(app)
        _clear(scheme, name)


def _add_option(app: Celery, key: str, prefix: str) -> None:
    app.conf[key] = {**(app.conf[key] or {}), "global_keyprefix": prefix}


def numbers(scheme: str, app: Celery) -> list[Any]:
    """Take all messages from the broker itself; return the first argument of each."""
    name = app.conf.task_default_queue
    taken = _from_redis(name) if scheme == "redis" else _from_rabbitmq(name)
    # As it stands in the headers: "(17,)".
    return [json.loads(headers["argsrepr"].strip("(,)")) for headers in taken]


def _from_redis(name: str) -> Iterator[Any]:
    with redis.Redis() as client:
        while (message := client.rpop(f"{name}-{name}")) is not None:
            assert isinstance(message, bytes)
            yield json.loads(message)["headers"]


def _from_rabbitmq(name: str) -> Iterator[Any]:
    with Connection(url("amqp")) as connection:
        queue = Queue(name, routing_key=name)(connection.default_channel)
        queue.declare()
        while (message := queue.get(no_ack=True)) is not None:
            yield message.headers


def _close(app: Celery) -> None:
    # Not `app.pool.force_close_all()`: all apps with this URL share the pool, and what
    # is closed is not opened again.
    pools.reset()
    consumer = getattr(app.backend, "result_consumer", None)
    if consumer is not None:
        # A result that dies later would connect once more, to say so.
        consumer.subscribed_to.clear()
        gc.collect()
        consumer.stop()
        app.backend.client.connection_pool.disconnect()
    app.close()


def _clear(scheme: str, name: str) -> None:
    if scheme == "amqp":
        with Connection(url(scheme)) as connection:
            Queue(name)(connection.default_channel).delete()
        return
    with redis.Redis() as client:
        for key in client.scan_iter(f"{name}-*"):
            client.delete(key)
