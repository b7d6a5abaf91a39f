"""A Redis that fails, with the settings that the how-to page shows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from queued_functions import notify
from real_queue import calls
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq_page import needs_page, queue_of_the_page
from rq_wire import refusing_port, silent_port, wire_to

import airlock
from airlock.integrations.executors.rq import RqExecutor

if TYPE_CHECKING:
    from rq import Queue

pytestmark = needs_page
# The page promises two seconds, and these machines are slow.
BOUND = 5.0


def failure(queue: Queue, count: int) -> tuple[BaseException, float]:
    """Return the error of a flush of so many effects, and the seconds that it took."""
    scope = airlock.scope(executor=RqExecutor(queue)).enter()
    for number in range(count):
        airlock.enqueue(notify, number)
    scope.exit()
    begin = time.monotonic()
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each test says which
        scope.flush()
    assert scope.dispatched == []
    return caught.value, time.monotonic() - begin


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("make_port", "expected"),
    [(refusing_port, RedisConnectionError), (silent_port, RedisTimeoutError)],
)
def test_a_dead_redis_fails_the_flush_within_the_bound(
    make_port: type, expected: type[Exception], count: int
) -> None:
    """The request must neither look successful nor hang: its effects did not leave."""
    with make_port() as port:
        queue = queue_of_the_page("unused", port)

        error, seconds = failure(queue, count)

        queue.connection.close()
    assert isinstance(error, expected)
    assert f"Not attempted: {count - 1}." in error.__notes__[0]
    assert seconds < BOUND


@pytest.mark.service("redis")
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("how", ["cut", "hang"])
def test_a_redis_that_dies_meanwhile_fails_the_flush(
    queue: Queue, how: str, count: int
) -> None:
    """A connection that is open already is what a busy process usually has."""
    with wire_to(6379) as wire:
        behind = queue_of_the_page(queue.name, wire.port)
        with airlock.scope(executor=RqExecutor(behind)):
            airlock.enqueue(notify, "before")
        getattr(wire, how)()

        error, seconds = failure(behind, count)

        behind.connection.close()
    assert isinstance(error, RedisConnectionError | RedisTimeoutError)
    assert seconds < BOUND
    assert calls(queue) == [("before",)]


@pytest.mark.service("redis")
def test_the_settings_of_the_page_work_where_redis_does(queue: Queue) -> None:
    """No timeout of theirs is in the way of a healthy server."""
    same = queue_of_the_page(queue.name, 6379)

    with airlock.scope(executor=RqExecutor(same)):
        airlock.enqueue(notify, 1)
        airlock.enqueue(notify, 2)

    same.connection.close()
    assert calls(queue) == [(1,), (2,)]
