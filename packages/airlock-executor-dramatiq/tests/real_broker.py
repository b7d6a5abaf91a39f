"""Brokers with a real server, and nothing of them left behind."""

# Some of Dramatiq is untyped.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dramatiq import Broker

PORTS = {"redis": 6379, "rabbitmq": 5672}

each_kind = pytest.mark.parametrize(
    "kind",
    [
        pytest.param("redis", marks=pytest.mark.service("redis")),
        pytest.param("rabbitmq", marks=pytest.mark.service("rabbitmq")),
    ],
)


def make(kind: str, name: str, **parameters: Any) -> Broker:
    """Return a broker; on Redis the name is the prefix of all keys."""
    if kind == "redis":
        pytest.importorskip("redis", reason="dramatiq[redis] is needed")
        from dramatiq.brokers.redis import RedisBroker

        made: Broker = RedisBroker(host="127.0.0.1", namespace=name, **parameters)
        return made
    pytest.importorskip("pika", reason="dramatiq[rabbitmq] is needed")
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    return RabbitmqBroker(host="127.0.0.1", confirm_delivery=True, **parameters)


@contextmanager
def real_broker(kind: str, name: str, **parameters: Any) -> Iterator[Any]:
    """Make a broker, whose queues all begin with this name, and clear it away."""
    broker: Any = make(kind, name, **parameters)
    try:
        yield broker
    finally:
        close(broker)
        clear(kind, name, broker.queues)


def close(broker: Any) -> None:
    """Close its connections."""
    broker.close()
    client = getattr(broker, "client", None)
    if client is not None:
        client.close()


def clear(kind: str, name: str, queues: set[str]) -> None:
    """Remove everything of that name, with a connection that works."""
    broker: Any = make(kind, name)
    if kind == "redis":
        for key in broker.client.scan_iter(f"{name}*"):
            broker.client.delete(key)
    else:
        for queue in queues:
            for suffix in ("", ".DQ", ".XQ"):
                broker.channel.queue_delete(f"{queue}{suffix}")
    close(broker)
