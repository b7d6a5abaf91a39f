"""Many tasks leave in batches where Redis is the broker."""

# Celery is untyped.
# mypy: disable-error-code="misc,no-untyped-call"
from __future__ import annotations

import os
import pickle
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
from broker_app import broker_app, numbers
from broker_proxy import REDIS, Proxy, proxy
from celery import Task, group
from celery.exceptions import SoftTimeLimitExceeded
from celery.local import PromiseProxy
from executor_app import filled, flush, make_task
from kombu.exceptions import EncodeError, OperationalError
from kombu.messaging import Producer

import airlock
from airlock import Outcome
from airlock.integrations.executors.celery import CeleryBatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from celery import Celery

pytestmark = [
    pytest.mark.service("redis"),
    pytest.mark.skipif(not hasattr(Producer, "batch"), reason="this kombu has none"),
]


@pytest.fixture
def wire() -> Iterator[Proxy]:
    """Return a wire to Redis that counts the messages."""
    with proxy(6379, REDIS) as made:
        yield made


@pytest.fixture
def app(wire: Proxy) -> Iterator[Celery]:
    """Return an app at the end of the wire, which tries nothing twice."""
    with broker_app("redis", wire.port, task_publish_retry=False) as made:
        yield made


def failed(*enqueued: tuple[Any, ...]) -> tuple[Any, airlock.Scope]:
    """Return the error of a flush, and its scope."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each test says which
        flush(*enqueued)
    error: Any = caught.value
    return error, error.scope


def test_all_arrive_once_and_in_order(app: Celery) -> None:
    """More than one batch of them."""
    task = make_task(app)

    scope = flush(*[(task, number) for number in range(450)])

    assert numbers("redis", app) == list(range(450))
    assert len(scope.dispatched) == 450


def test_they_share_their_way_to_redis(app: Celery, wire: Proxy) -> None:
    """That is what makes it fast: the first alone, then two hundred at a time."""
    task = make_task(app)
    flush((task, -1))
    before = wire.reads

    flush(*[(task, number) for number in range(401)])

    # One by one there are two for each message.
    assert wire.reads - before < 401


def test_what_cannot_wait_leaves_at_its_turn(app: Celery) -> None:
    """Functions, canvases, and tasks with a way of their own."""
    task = make_task(app)
    seen: list[list[int]] = []

    class Own(Task):
        def apply_async(self, *args: Any, **options: Any) -> Any:
            seen.append(numbers("redis", app))
            return super().apply_async(*args, **options)

    own = make_task(app, name="own", base=Own)
    flush(
        *[(task, 1), (task, 2), (task, 3)],
        *[(lambda: seen.append(numbers("redis", app)),), (own, 4)],
        *[(task, 5), (task.s(6),), (group(task.s(7), task.s(8)),), (task, 9)],
    )

    assert seen == [[1, 2, 3], []]
    assert numbers("redis", app) == [4, 5, 6, 7, 8, 9]


def test_a_task_that_says_how_to_retry_leaves_alone(app: Celery) -> None:
    """A batch is never tried twice, and that was asked for."""
    task = make_task(app)

    flush((task, 1), (task, 2), retry=True)

    assert numbers("redis", app) == [1, 2]


def test_two_apps_take_turns(app: Celery) -> None:
    """Each has a connection of its own, and the order holds across them."""
    task = make_task(app)
    with broker_app("redis") as other_app:
        other = make_task(other_app)

        flush((task, 1), (task, 2), (other, 3), (other, 4), (task, 5))

        assert numbers("redis", other_app) == [3, 4]
    assert numbers("redis", app) == [1, 2, 5]


@pytest.mark.parametrize("position", [0, 1, 2, 250, 299])
def test_what_comes_before_an_argument_that_fails_is_sent(
    app: Celery, position: int
) -> None:
    """In the middle of a batch, too: the account of the scope tells the truth."""
    task = make_task(app)
    values: list[Any] = list(range(300))
    values[position] = object()

    error, scope = failed(*[(task, value) for value in values])

    assert isinstance(error, EncodeError)
    assert f"effect {position + 1} of 300" in error.__notes__[0]
    assert numbers("redis", app) == list(range(position))
    assert len(scope.dispatched) == position


def test_what_comes_before_an_unknown_option_is_sent(app: Celery) -> None:
    """It is found at its turn, like all else."""
    task = make_task(app)
    scope = airlock.Scope(executor="celery").enter()
    for number, options in enumerate([None, None, {"contdown": 1}, None]):
        airlock.enqueue(task, number, _dispatch_options=options)
    scope.exit()

    with pytest.raises(TypeError, match="contdown"):
        scope.flush()

    assert numbers("redis", app) == [0, 1]


def test_nothing_is_sent_when_the_process_is_told_to_stop(app: Celery) -> None:
    """Whoever reads the account sends what it says was not dispatched."""

    class Stopping:
        def __json__(self) -> str:
            raise KeyboardInterrupt

    task = make_task(app)
    scope = filled(*[(task, value) for value in (1, 2, Stopping(), 4)])

    with pytest.raises(KeyboardInterrupt):
        scope.flush()

    assert numbers("redis", app) == [1]
    assert len(scope.dispatched) == 1


def test_a_lazy_task_that_cannot_be_made_fails_at_its_turn(app: Celery) -> None:
    """Celery makes it when it is first looked at."""
    task = make_task(app)
    flush((task, 0))

    def fail() -> Any:
        raise ZeroDivisionError

    error, _ = failed((task, 1), (task, 2), (PromiseProxy(fail),), (task, 4))

    assert isinstance(error, ZeroDivisionError)
    assert numbers("redis", app) == [0, 1, 2]


def test_a_batch_of_which_a_part_was_sent_is_in_doubt(app: Celery, wire: Proxy) -> None:
    """None of it counts as dispatched, nothing is sent twice, and the error says so."""
    task = make_task(app)
    flush((task, -1))
    wire.fail_after(120, "cut")

    error, scope = failed(*[(task, number) for number in range(300)])

    assert isinstance(error, CeleryBatchError)
    assert isinstance(error, OperationalError)
    assert "200 messages" in str(error)
    assert "may have arrived" in str(error)
    assert len(scope.dispatched) == 1
    assert len(scope.report().of(Outcome.FAILED)) == 200
    assert "Not attempted: 99." in error.__notes__[0]
    assert numbers("redis", app) == list(range(-1, 120))


@pytest.fixture
def interrupted_by(wire: Proxy) -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Let a signal raise something while Redis does not answer any more."""
    watchers: list[threading.Thread] = []

    def begin(fail: Callable[[], Any]) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: fail())
        watchers.append(threading.Thread(target=watch))
        watchers[0].start()

    def watch() -> None:
        if wire.has_failed.wait(60):
            os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.getsignal(signal.SIGUSR1)
    yield begin
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    wire.has_failed.set()
    for watcher in watchers:
        watcher.join()
    signal.signal(signal.SIGUSR1, before)


def out_of_time() -> None:
    """Raise what Celery does, in the middle of something."""
    try:
        int("on the way")
    except ValueError:
        raise SoftTimeLimitExceeded  # noqa: B904 - as a signal handler does


def stopped() -> None:
    """Raise what has a cause of its own."""
    raise KeyboardInterrupt from ValueError()


@pytest.mark.parametrize(
    ("fail", "kind"),
    [(out_of_time, SoftTimeLimitExceeded), (stopped, KeyboardInterrupt)],
)
def test_what_interrupts_a_batch_stays_as_it_was(
    app: Celery, wire: Proxy, interrupted_by: Any, fail: Any, kind: Any
) -> None:
    """A task waits for its time limit by type; the doubt is told beside it."""
    task = make_task(app)
    flush((task, -1))
    wire.fail_after(120, "hang")
    interrupted_by(fail)
    scope = filled(*[(task, number) for number in range(300)])

    with pytest.raises(kind) as caught:
        scope.flush()

    doubt, account = caught.value.__notes__
    assert "a batch of 200 messages" in doubt
    assert "effects 2 to 201 of 300" in account
    assert len(scope.report().of(Outcome.FAILED)) == 200
    assert isinstance(caught.value.__cause__ or caught.value.__context__, ValueError)
    assert numbers("redis", app) == list(range(-1, 120))


def test_batches_before_the_one_that_fails_are_dispatched(
    app: Celery, wire: Proxy
) -> None:
    """They were confirmed."""
    task = make_task(app)
    flush((task, -1))
    wire.fail_after(250, "cut")

    error, scope = failed(*[(task, number) for number in range(300)])

    assert isinstance(error, CeleryBatchError)
    assert "99 messages" in str(error)
    assert len(scope.dispatched) == 201
    assert numbers("redis", app) == list(range(-1, 250))


def test_a_connection_that_broke_meanwhile_is_made_anew(
    app: Celery, wire: Proxy
) -> None:
    """Redis was started again between two requests of the same process."""
    task = make_task(app)
    flush((task, 0))
    wire.mend()

    flush((task, 1), (task, 2), (task, 3))

    assert numbers("redis", app) == [0, 1, 2, 3]


def test_the_error_survives_pickling() -> None:
    """Test runners and process pools send exceptions to another process."""
    error = CeleryBatchError("shop.notify", 200, "timed out")

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == str(error)
