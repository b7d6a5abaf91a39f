"""A batch whose answer does not come, or is an error."""

from __future__ import annotations

import pickle
import signal
import uuid
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
from queued_functions import notify
from real_queue import calls, connect, flushed
from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError
from rq import Queue
from rq_page import needs_page, queue_of_the_page
from rq_wire import Wire, wire_to

import airlock
from airlock.integrations.executors.rq import RqBatchError, RqExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.service("redis")


class Doing:
    """Do something when it is pickled, which is just before its batch is sent."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action

    def __reduce__(self) -> Any:
        self._action()
        return str, ("done",)


class TimeIsUpError(Exception):
    """Raised by a signal, as by those who limit the time of a task."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer."""

    def interrupt(*_: object) -> None:
        raise TimeIsUpError

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Put a wire before Redis."""
    with wire_to(6379) as made:
        yield made


@needs_page
@pytest.mark.parametrize(
    ("how", "arrived"),
    [
        ("cut", []),
        ("hang", []),
        ("mute", [(2,), ("done",), (4,)]),
        ("lose_an_answer", [(2,), ("done",), (4,)]),
    ],
)
def test_a_batch_that_redis_does_not_confirm_is_in_doubt(
    queue: Queue, wire: Wire, how: str, arrived: list[Any]
) -> None:
    """None of it counts as dispatched, and the error says how many and what to do."""
    behind = queue_of_the_page(queue.name, wire.port)
    scope = flushed(behind, 1, 2, Doing(getattr(wire, how)), 4)

    with pytest.raises(RqBatchError) as caught:
        scope.flush()

    behind.connection.close()
    assert isinstance(caught.value, RedisError)
    assert "a batch of 3 jobs" in str(caught.value)
    assert "queued_functions:notify" in str(caught.value)
    assert "may have arrived" in str(caught.value)
    assert len(scope.dispatched) == 1
    assert len(scope.report().of(airlock.Outcome.FAILED)) == 3
    assert calls(queue) == [(1,), *arrived]


def test_what_interrupts_a_batch_says_that_it_is_in_doubt(
    queue: Queue, wire: Wire
) -> None:
    """It is the limit of somebody else's, and keeps its type."""
    connection = Redis(host="127.0.0.1", port=wire.port)
    behind = Queue(queue.name, connection=connection)
    scope = flushed(behind, 1, 2, Doing(wire.mute), 4)

    with pytest.raises(TimeIsUpError) as caught, limit(1):
        scope.flush()

    connection.close()
    note, account = caught.value.__notes__
    assert "a batch of 3 jobs" in note
    assert "may have arrived" in note
    assert "effects 2 to 4 of 4 failed" in account
    assert calls(queue) == [(1,), (2,), ("done",), (4,)]


@pytest.fixture
def guest(queue: Queue) -> Iterator[Any]:
    """Connect as a user whom the test can forbid something."""
    name = f"airlock-{uuid.uuid4().hex}"
    rights: dict[str, Any] = {"commands": ["+@all"], "keys": ["*"]}
    queue.connection.acl_setuser(name, enabled=True, nopass=True, **rights)
    with connect(username=name, password="any") as connection:  # noqa: S106
        yield connection
    queue.connection.acl_deluser(name)


def test_a_batch_that_redis_refuses_is_not_in_doubt(queue: Queue, guest: Any) -> None:
    """Redis has said why, and done nothing."""

    def forbid() -> None:
        name = guest.acl_whoami()
        queue.connection.acl_setuser(name, enabled=True, commands=["-rpush"])

    scope = flushed(Queue(queue.name, connection=guest), 1, 2, Doing(forbid), 4)

    with pytest.raises(NoPermissionError, match="rpush") as caught:
        scope.flush()

    [account] = caught.value.__notes__
    assert "Dispatched before it: 1. Not attempted: 2" in account
    assert len(scope.report().of(airlock.Outcome.FAILED)) == 1
    assert len(scope.dispatched) == 1
    assert calls(queue) == [(1,)]


def test_one_job_of_a_batch_that_redis_refuses_does_not_stop_the_others(
    queue: Queue,
) -> None:
    """What is in a transaction of Redis is not undone, and the error says so."""
    own = f"{queue.name}-own"
    queue.connection.set(f"rq:job:{own}", "no job")

    scope = airlock.scope(executor=RqExecutor(queue)).enter()
    for number in range(4):
        options = {"job_id": own} if number == 2 else None
        airlock.enqueue(notify, number, _dispatch_options=options)
    scope.exit()

    with pytest.raises(ResponseError, match="WRONGTYPE") as caught:
        scope.flush()

    assert "a batch of 3 jobs" in caught.value.__notes__[0]
    assert len(scope.dispatched) == 1
    assert len(scope.report().of(airlock.Outcome.FAILED)) == 3
    queue.connection.delete(f"rq:job:{own}")
    assert calls(queue) == [(0,), (1,), (3,)]


@pytest.mark.skipif(
    int(version("redis").partition(".")[0]) < 6,
    reason="this redis-py tries only once",
)
def test_without_the_settings_of_the_page_a_batch_may_arrive_twice(
    queue: Queue, wire: Wire
) -> None:
    """Redis-py sends again what it has got no answer for."""
    connection = Redis(host="127.0.0.1", port=wire.port)
    behind = Queue(queue.name, connection=connection)

    flushed(behind, 1, 2, Doing(wire.lose_an_answer), 4).flush()

    connection.close()
    assert calls(queue) == [(1,), *[(2,), ("done",), (4,)] * 2]
    assert len(set(queue.get_job_ids())) == 4


def test_the_error_survives_pickling() -> None:
    """Test runners and process pools send exceptions to another process."""
    error = RqBatchError("shop:notify", 200, "timed out")

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == str(error)
