"""RedisHuey: what it refuses."""

from __future__ import annotations

import socket
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from huey import PriorityRedisHuey, RedisHuey

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator

redis = pytest.importorskip("redis", reason="RedisHuey needs redis-py")


def send() -> None:
    """Be a task, once decorated."""


@pytest.fixture
def port() -> Iterator[socket.socket]:
    """Hold a port of this machine on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held


def huey_at(port: int) -> Any:
    """Return a Huey whose server nobody waits for."""
    return RedisHuey(
        "no-such-server",
        host="127.0.0.1",
        port=port,
        socket_connect_timeout=0.2,
        socket_timeout=0.2,
    )


def test_a_priority_is_refused_with_the_error_of_huey(port: socket.socket) -> None:
    """`RedisHuey` keeps a plain list, which has no place for a priority."""
    task = huey_at(port.getsockname()[1]).task()(send)

    with pytest.raises(NotImplementedError, match="priorities"):  # noqa: SIM117
        with airlock.scope(executor="huey"):
            airlock.enqueue(task, _dispatch_options={"priority": 1})


def test_the_priority_zero_is_as_good_as_none(port: socket.socket) -> None:
    """Huey accepts it, and gets as far as the connection."""
    task = huey_at(port.getsockname()[1]).task()(send)

    with pytest.raises(redis.ConnectionError), airlock.scope(executor="huey"):
        airlock.enqueue(task, _dispatch_options={"priority": 0})


@pytest.mark.service("redis")
def test_a_priority_is_kept_where_redis_can_keep_it() -> None:
    """`PriorityRedisHuey` is what to change to."""
    huey = PriorityRedisHuey(f"airlock-{uuid.uuid4().hex}", host="127.0.0.1")
    task = huey.task()(send)

    with airlock.scope(executor="huey"):
        airlock.enqueue(task, _dispatch_options={"priority": 1})
    [queued] = huey.pending()
    huey.storage.flush_all()
    huey.storage.pool.disconnect()

    assert queued.priority == 1
