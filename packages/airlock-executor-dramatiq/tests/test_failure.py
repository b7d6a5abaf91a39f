"""Brokers that fail, with the settings that the how-to page shows."""

# Some of Dramatiq is untyped, and its messages are no callables.
# mypy: disable-error-code="no-untyped-call,call-overload"
from __future__ import annotations

import time
import uuid
from typing import Any

import dramatiq
import pytest
from dramatiq_page import PORTS, broker_of_the_page, needs_page
from dramatiq_wire import (
    refusing_port,
    silent_port,
    unreachable_port,
    wire_to,
)
from queued_actors import declare, notify, queued
from real_broker import clear, close, each_kind, make

import airlock

pytestmark = [
    needs_page,
    # Pika leaves the socket of a connection that timed out to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
# The page promises two seconds, and these machines are slow.
BOUND = 5.0
# By the formula of the page, with a heartbeat of a second.
BOUND_OF_HEARTBEAT = 2 * (1 + 5) + 2 + 3.0


@pytest.fixture
def name() -> str:
    """Name a queue that nobody else uses."""
    return f"airlock-{uuid.uuid4().hex}"


def failure(broker: Any, queue: str) -> tuple[Any, float]:
    """Return the error of a flush of two effects, and the seconds that it took."""
    actor = broker.actors.get("task") or declare(print, broker, queue_name=queue)
    scope = airlock.scope(executor="dramatiq").enter()
    airlock.enqueue(actor, 1)
    airlock.enqueue(actor, 2)
    scope.exit()
    begin = time.monotonic()
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each test says which
        scope.flush()
    assert scope.dispatched == []
    return caught.value, time.monotonic() - begin


def kinds_of(error: BaseException) -> set[str]:
    """Return the names of the classes of an error, which needs no import of them."""
    return {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}


EXPECTED = {
    ("redis", "refused"): "redis.exceptions.ConnectionError",
    ("redis", "silent"): "redis.exceptions.TimeoutError",
    ("rabbitmq", "refused"): "dramatiq.errors.ConnectionClosed",
    (
        "rabbitmq",
        "silent",
    ): "pika.adapters.utils.connection_workflow.AMQPConnectorStackTimeout",
}


@pytest.mark.parametrize("kind", ["redis", "rabbitmq"])
@pytest.mark.parametrize("how", ["refused", "silent"])
def test_a_dead_broker_fails_the_flush_within_the_bound(
    kind: str, how: str, name: str
) -> None:
    """The request must neither look successful nor hang: its effects did not leave."""
    make_port = refusing_port if how == "refused" else silent_port
    with make_port() as port:
        broker = broker_of_the_page(kind, port=port)

        error, seconds = failure(broker, name)

        close(broker)
    assert EXPECTED[kind, how] in kinds_of(error)
    [note] = error.__notes__
    assert "Dispatched before it: 0. Not attempted: 1." in note
    assert seconds < BOUND


@pytest.mark.parametrize(("is_known", "attempts"), [(False, 2), (True, 6)])
def test_a_rabbitmq_that_is_not_there_is_tried_as_often_as_the_page_says(
    name: str, attempts: int, *, is_known: bool
) -> None:
    """Each attempt waits for the whole timeout, and Dramatiq makes several."""
    with unreachable_port() as port:
        # The page's second would take this test six.
        broker = broker_of_the_page("rabbitmq", port=port, socket_timeout="0.3")
        actor = declare(print, broker, queue_name=name)
        if is_known:
            broker.declare_queue(name)
            broker.queues_pending.clear()

        error, seconds = failure(broker, actor.queue_name)

        close(broker)
    assert "dramatiq.errors.ConnectionClosed" in kinds_of(error)
    assert seconds >= attempts * 0.3


@each_kind
@pytest.mark.parametrize("how", ["cut", "hang"])
def test_a_broker_that_dies_meanwhile_fails_the_flush(
    kind: str, how: str, name: str
) -> None:
    """A connection that is open already is what a busy process usually has."""
    with wire_to(PORTS[kind]) as wire:
        # The page's heartbeat would take this test twenty seconds.
        more = {"namespace": repr(name)} if kind == "redis" else {"heartbeat": "1"}
        broker = broker_of_the_page(kind, port=wire.port, **more)
        actor = declare(print, broker, queue_name=name)
        with airlock.scope(executor="dramatiq"):
            airlock.enqueue(actor, "before")
        getattr(wire, how)()

        error, seconds = failure(broker, name)

        wire.cut()
        close(broker)
    is_heartbeat = (kind, how) == ("rabbitmq", "hang")
    assert seconds < (BOUND_OF_HEARTBEAT if is_heartbeat else BOUND)
    assert "Not attempted: 1." in error.__notes__[0]
    assert arrived(kind, name) == [("before",)]


@each_kind
def test_the_settings_of_the_page_work_where_the_broker_does(
    kind: str, name: str
) -> None:
    """No timeout of theirs is in the way of a healthy server."""
    more = {"namespace": repr(name)} if kind == "redis" else {}
    broker = broker_of_the_page(kind, port=PORTS[kind], **more)
    actor = declare(print, broker, queue_name=name)

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(actor, 1)
        airlock.enqueue(actor, 2)

    close(broker)
    assert arrived(kind, name) == [(1,), (2,)]


def test_some_of_a_group_may_have_left_when_the_broker_fails() -> None:
    """Dramatiq sends its messages one by one, and takes none of them back."""
    lost: Any = notify.message(2).copy(queue_name="no-such-queue")
    scope = airlock.scope(executor="dramatiq")

    with pytest.raises(dramatiq.QueueNotFound), scope:
        airlock.enqueue(dramatiq.group([notify.message(1), lost, notify.message(3)]))

    assert [message.args for message in queued()] == [(1,)]
    assert scope.dispatched == []
    assert len(scope.undispatched) == 1


@pytest.mark.service("redis")
def test_what_redis_did_not_confirm_may_have_arrived(name: str) -> None:
    """It counts as not dispatched: nobody can know."""
    with wire_to(PORTS["redis"]) as wire:
        broker = broker_of_the_page("redis", port=wire.port, namespace=repr(name))
        actor = declare(print, broker, queue_name=name)
        wire.lose_the_answer(to=b"in doubt")
        with pytest.raises(Exception) as caught:  # noqa: PT011, SIM117 - by its name
            with airlock.scope(executor="dramatiq") as scope:
                airlock.enqueue(actor, "in doubt")

        wire.cut()
        close(broker)
    assert "redis.exceptions.ConnectionError" in kinds_of(caught.value)
    assert scope.dispatched == []
    assert arrived("redis", name) == [("in doubt",)]


@pytest.mark.service("rabbitmq")
def test_what_rabbitmq_did_not_confirm_may_arrive_twice(name: str) -> None:
    """Dramatiq sends it again, as the same message, and so it counts as one."""
    with wire_to(PORTS["rabbitmq"]) as wire:
        broker = broker_of_the_page("rabbitmq", port=wire.port)
        actor = declare(print, broker, queue_name=name)
        with airlock.scope(executor="dramatiq"):
            airlock.enqueue(actor, "before")
        wire.lose_the_answer(to=b"in doubt")
        with airlock.scope(executor="dramatiq") as scope:
            airlock.enqueue(actor, "in doubt")

        close(broker)
    assert len(scope.dispatched) == 1
    _, first, second = taken("rabbitmq", name)
    assert first.args == ("in doubt",)
    assert first == second


def arrived(kind: str, name: str) -> list[Any]:
    """Return the arguments of what is really in the queue."""
    return [message.args for message in taken(kind, name)]


def taken(kind: str, name: str) -> list[Any]:
    """Take what is really in the queue, by another connection."""
    broker: Any = make(kind, name)
    broker.declare_queue(name)
    found = queued(broker, name)
    close(broker)
    clear(kind, name, {name})
    return [*found]
