"""Brokers that fail, with the settings that the how-to page shows."""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from broker_app import PORTS, broker_app, numbers, url
from broker_proxy import AMQP, REDIS, proxy, refusing_port, silent_port
from celery import chain, chord, group
from executor_app import flush, make_task
from executor_page import needs_page, settings
from kombu.exceptions import OperationalError

from airlock.integrations.executors.celery import CeleryBatchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import airlock

pytestmark = needs_page
MESSAGES = {"redis": REDIS, "amqp": AMQP}
# A hang becomes a failure; the page promises ten seconds.
LIMIT = 60

each_broker = pytest.mark.parametrize(
    "scheme",
    [
        pytest.param("redis", marks=pytest.mark.service("redis")),
        pytest.param("amqp", marks=pytest.mark.service("rabbitmq")),
    ],
)


def page(scheme: str, port: int) -> str:
    """Return the settings of the page, for a broker at this port."""
    block = settings("broker_url", scheme)
    return block.replace(f":{PORTS[scheme]}/", f":{port}/")


def backend(port: int) -> str:
    """Return the settings of the page, for a result backend at this port."""
    return settings("result_backend", "redis").replace(":6379/", f":{port}/")


def failure(*enqueued: Any) -> tuple[Any, airlock.Scope]:
    """Return the error of a flush, and its scope. It must not take for ever."""

    def give_up(*_: object) -> None:
        pytest.fail("the flush hangs")

    # Not in a thread, which would have a result backend of its own, left open.
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT)
    try:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - each test says which
            flush(*enqueued)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    error: Any = caught.value
    return error, error.scope


@each_broker
@pytest.mark.parametrize("count", [1, 3])
def test_a_broker_that_refuses_fails_the_flush(scheme: str, count: int) -> None:
    """With the error of Celery, and an account of what did not leave."""
    with (
        refusing_port() as port,
        broker_app(scheme, block=page(scheme, port)) as app,
    ):
        task = make_task(app)

        error, scope = failure(*[(task, number) for number in range(count)])

        assert isinstance(error, OperationalError)
        [note] = error.__notes__
        assert f"effect 1 of {count}. Dispatched before it: 0." in note
        assert scope.dispatched == []
        assert numbers(scheme, app) == []


@each_broker
@pytest.mark.parametrize("count", [1, 3])
def test_a_broker_that_never_answers_fails_the_flush(scheme: str, count: int) -> None:
    """It accepts the connection, as a server does whose disk is full or stuck."""
    with (
        silent_port() as port,
        broker_app(scheme, block=page(scheme, port)) as app,
    ):
        task = make_task(app)

        error, scope = failure(*[(task, number) for number in range(count)])

        assert isinstance(error, OperationalError)
        assert "Dispatched before it: 0." in error.__notes__[0]
        assert len(scope.undispatched) == count


@pytest.mark.service("redis")
def test_without_the_settings_a_silent_redis_holds_the_flush() -> None:
    """It still waits when the one with the settings has long failed."""
    with silent_port() as port, broker_app("redis", port) as app:
        held = threading.Thread(target=_flush_in_vain, args=(make_task(app),))
        with (
            silent_port() as other,
            broker_app("redis", block=page("redis", other)) as bounded,
        ):
            held.start()
            failure((make_task(bounded), 1))

        assert held.is_alive()
    # The server has gone, which ends the waiting.
    held.join(LIMIT)
    assert not held.is_alive()


def _flush_in_vain(task: Any) -> None:
    with suppress(OperationalError):
        flush((task, 1))


@each_broker
@pytest.mark.parametrize("how", ["cut", "hang"])
@pytest.mark.parametrize("passed", [1, 2, 30])
def test_a_broker_that_fails_between_messages_gets_none_twice(
    scheme: str, how: Any, passed: int
) -> None:
    """What counts as dispatched has arrived; beyond it only what the error doubts."""
    with (
        proxy(PORTS[scheme], MESSAGES[scheme]) as wire,
        broker_app(scheme, block=page(scheme, wire.port)) as app,
    ):
        task = make_task(app)
        wire.fail_after(passed, how)

        error, scope = failure(*[(task, number) for number in range(40)])

        assert isinstance(error, OperationalError)
        dispatched = len(scope.dispatched)
        in_doubt = 39 if isinstance(error, CeleryBatchError) else 1
        which = "it" if in_doubt == 1 else "them"
        assert f"Dispatched before {which}: {dispatched}." in error.__notes__[0]
        assert len(scope.undispatched) == 40 - dispatched
        assert numbers(scheme, app) == list(range(passed))
        assert dispatched <= passed <= dispatched + in_doubt


@each_broker
@pytest.mark.parametrize("how", ["cut", "hang"])
@pytest.mark.parametrize(
    "make",
    [
        lambda task: task.s(1),
        lambda task: group(task.s(1), task.s(2)),
        lambda task: chain(task.si(1), task.si(2)),
    ],
    ids=["signature", "group", "chain"],
)
def test_a_canvas_whose_broker_fails_gets_no_member_twice(
    scheme: str, how: Any, make: Callable[[Any], Any]
) -> None:
    """A group is several messages, and some of them may have left."""
    with (
        proxy(PORTS[scheme], MESSAGES[scheme]) as wire,
        broker_app(scheme, block=page(scheme, wire.port)) as app,
    ):
        task = make_task(app)
        wire.fail_after(1, how)

        error, scope = failure((make(task),), (task.s(3),))

        assert isinstance(error, OperationalError)
        assert scope.dispatched == []
        assert numbers(scheme, app) == [1]


@each_broker
@pytest.mark.service("redis")
# The oldest redis-py leaves a connection of the result backend to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("how", ["cut", "hang"])
def test_a_chord_whose_broker_fails_gets_no_member_twice(scheme: str, how: Any) -> None:
    """Its result backend is there, and has counted the header."""
    with (
        proxy(PORTS[scheme], MESSAGES[scheme]) as wire,
        broker_app(scheme, block=page(scheme, wire.port) + backend(6379)) as app,
    ):
        task = make_task(app)
        wire.fail_after(1, how)

        error, scope = failure((chord([task.si(1), task.si(2)], task.si(3)),))

        assert isinstance(error, OperationalError)
        assert scope.dispatched == []
        assert numbers(scheme, app) == [1]

    # That happens here, and not in the middle of another test.
    del error, scope, task, app
    gc.collect()


@each_broker
def test_after_a_failure_the_next_flush_connects_anew(scheme: str) -> None:
    """A broker that comes back needs no restart of who publishes."""
    with (
        proxy(PORTS[scheme], MESSAGES[scheme]) as wire,
        broker_app(scheme, block=page(scheme, wire.port)) as app,
    ):
        task = make_task(app)
        wire.fail_after(1, "hang")
        failure((task, 1), (task, 2))
        wire.mend()

        flush((task, 3), (task, 4))

        assert numbers(scheme, app) == [1, 3, 4]


@pytest.mark.service("redis")
def test_a_redis_that_was_restarted_meanwhile_is_not_noticed() -> None:
    """Though nothing is tried twice: the connection is looked at before its use."""
    with (
        proxy(6379, REDIS) as wire,
        broker_app("redis", block=page("redis", wire.port)) as app,
    ):
        task = make_task(app)
        flush((task, 1), (task, 2))
        wire.mend()

        flush((task, 3), (task, 4))

        assert numbers("redis", app) == [1, 2, 3, 4]


@pytest.mark.service("redis")
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("port", [refusing_port, silent_port])
def test_a_result_backend_that_is_down_fails_the_flush(
    port: Callable[[], AbstractContextManager[int]], count: int
) -> None:
    """Before anything is sent, so nothing is in doubt."""
    with (
        port() as number,
        broker_app("redis", block=page("redis", 6379) + backend(number)) as app,
    ):
        task = make_task(app)

        error, scope = failure(*[(task, value) for value in range(count)])

        # The second is Celery 5.4's.
        assert isinstance(error, RuntimeError | OperationalError)
        assert f"effect 1 of {count}. Dispatched before it: 0." in error.__notes__[0]
        assert scope.dispatched == []
        assert numbers("redis", app) == []


@pytest.mark.service("redis")
def test_a_task_without_a_result_needs_no_result_backend() -> None:
    """It is the way out where nobody asks for results."""
    with (
        refusing_port() as port,
        broker_app("redis", block=page("redis", 6379) + backend(port)) as app,
    ):
        task = make_task(app, ignore_result=True)

        flush((task, 1), (task, 2))

        assert numbers("redis", app) == [1, 2]


@pytest.mark.service("redis")
def test_the_settings_for_redis_and_its_results_work_where_redis_does() -> None:
    """No timeout of theirs is in the way of a healthy server."""
    block = page("redis", 6379) + backend(6379)
    with broker_app("redis", block=block) as app:
        task = make_task(app)

        flush((task, 1), (task, 2), (task.s(3),))

        assert numbers("redis", app) == [1, 2, 3]
        assert url("redis") == app.conf.broker_url


@pytest.mark.service("rabbitmq")
def test_the_settings_for_rabbitmq_work_where_rabbitmq_does() -> None:
    """The route that carries the timeout leaves the queue as it is."""
    with broker_app("amqp", block=page("amqp", 5672)) as app:
        task = make_task(app)

        flush((task, 1), (task, 2), (task.s(3),))

        assert numbers("amqp", app) == [1, 2, 3]
