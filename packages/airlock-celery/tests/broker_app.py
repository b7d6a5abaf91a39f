"""Apps with a real broker, and what is really in their queues."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import redis
from executor_app import make_app
from kombu import Connection, Queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery import Celery

PORTS = {"redis": 6379, "amqp": 5672}


def url(scheme: str, port: int | None = None) -> str:
    """Return the address of a broker, at its own port if none is given."""
    user, path = ("guest:guest@", "/") if scheme == "amqp" else ("", "0")
    return f"{scheme}://{user}127.0.0.1:{port or PORTS[scheme]}/{path}"


@contextmanager
def broker_app(
    scheme: str, port: int | None = None, **settings: Any
) -> Iterator[Celery]:
    """Make an app with a real broker, and clear all of it away afterwards."""
    app = make_app(broker_url=url(scheme, port))
    name = app.conf.task_default_queue
    app.conf.update(settings)
    prefix = {"global_keyprefix": f"{name}-"} if scheme == "redis" else {}
    for key in "broker_transport_options", "result_backend_transport_options":
        app.conf[key] = {**(app.conf[key] or {}), **prefix}
    try:
        yield app
    finally:
        app.pool.force_close_all()
        app.close()
        _clear(scheme, name)


def numbers(app: Celery) -> list[Any]:
    """Return the first argument of each message that the broker really holds."""
    name = app.conf.task_default_queue
    if app.conf.broker_url.startswith("redis"):
        with redis.Redis() as client:
            held: Any = client.lrange(f"{name}-{name}", 0, -1)
        headers = [json.loads(message)["headers"] for message in reversed(held)]
    else:
        headers = list(_amqp_headers(name))
    return [
        json.loads(header["argsrepr"].rstrip(",)").lstrip("(")) for header in headers
    ]


def _amqp_headers(name: str) -> Iterator[Any]:
    with Connection(url("amqp")) as connection:
        queue = Queue(name, routing_key=name)(connection.default_channel)
        queue.declare()
        while (message := queue.get(no_ack=True)) is not None:
            yield message.headers


def _clear(scheme: str, name: str) -> None:
    if scheme == "redis":
        with redis.Redis() as client:
            for key in client.scan_iter(f"{name}-*"):
                client.delete(key)
        return
    with Connection(url("amqp")) as connection:
        Queue(name)(connection.default_channel).delete()
