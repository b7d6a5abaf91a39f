"""`enqueue()`: what it accepts, what it refuses, and where it says so."""

from __future__ import annotations

import _thread
import contextvars
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, ran, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

import airlock
from airlock import Intent


def test_a_scope_is_required() -> None:
    """Effects do not escape silently; the text names the task and the cure."""
    with pytest.raises(airlock.NoScopeError, match="recording:record") as caught:
        airlock.enqueue(record)

    assert "with airlock.scope():" in str(caught.value)


def test_a_task_may_have_arguments_of_any_name(executor: Recorder) -> None:
    """Only the two underscored names belong to airlock."""
    names = ("task", "policy", "self", "name", "args", "kwargs", "executor", "scope")
    arguments = dict.fromkeys(names, 1)

    with airlock.scope(executor=executor):
        airlock.enqueue(record, **arguments)

    assert executor.intents[0].kwargs == arguments


def test_origin_and_options_reach_the_executor(executor: Recorder) -> None:
    """They are metadata of the effect, not arguments of the task."""
    options = {"queue": "low"}

    with airlock.scope(executor=executor):
        airlock.enqueue(record, 1, _origin="orders", _dispatch_options=options)

    [intent] = executor.intents
    assert intent.origin == "orders"
    assert intent.dispatch_options == options
    assert intent.args == (1,)
    assert intent.kwargs == {}


@pytest.mark.parametrize("given", [None, "send_email", b"send", 3, 2.5, True])
def test_a_value_is_no_task(given: object) -> None:
    """`enqueue(send())` passes a result; better told here than at flush."""
    with airlock.scope() as s, pytest.raises(airlock.NotATaskError, match="apart"):
        airlock.enqueue(given)  # type: ignore[call-overload]

    assert s.intents == []


def test_a_coroutine_is_no_task() -> None:
    """It is closed, so that nothing is reported as never awaited."""

    async def send() -> None: ...

    with airlock.scope(), pytest.raises(airlock.NotATaskError, match="coroutine"):
        airlock.enqueue(send())  # type: ignore[call-overload]


def test_a_future_is_no_task() -> None:
    """Any awaitable is refused, also one that has nothing to close."""

    class Future:
        def __await__(self) -> object: ...

    with airlock.scope(), pytest.raises(airlock.NotATaskError, match="Future"):
        airlock.enqueue(Future())  # type: ignore[call-overload]


def test_a_message_that_cannot_be_called_is_accepted(executor: Recorder) -> None:
    """Queues have message objects that only their executor understands."""

    class Message:
        name = "mail.send"

    with airlock.scope(executor=executor):
        airlock.enqueue(Message())  # type: ignore[call-overload]

    assert executor.intents[0].name == "mail.send"


def test_a_message_cannot_run_in_place() -> None:
    """The sync executor says which executor is missing, not 'not callable'."""

    class Message:
        name = "mail.send"

    with (
        pytest.raises(airlock.NotATaskError, match=r"mail\.send, a Message"),
        airlock.scope(),
    ):
        airlock.enqueue(Message())  # type: ignore[call-overload]


def test_options_must_be_a_mapping() -> None:
    """A list of options would fail far away, inside the executor."""
    with airlock.scope(), pytest.raises(airlock.ArgumentError, match="_options=5"):
        airlock.enqueue(record, _dispatch_options=5)


def test_a_coroutine_task_does_not_vanish_in_a_plain_scope() -> None:
    """Calling it only makes a coroutine: the effect would be lost silently."""

    async def send() -> None:
        record("sent")

    with (
        pytest.raises(airlock.AsyncDispatchError, match="send returned an awaitable"),
        airlock.scope(),
    ):
        airlock.enqueue(send)

    assert ran == []


def test_an_awaitable_of_an_executor_is_cancelled_where_it_can_be() -> None:
    """What cannot be awaited must not go on in the background either."""
    cancelled: list[bool] = []

    class Pending:
        def __await__(self) -> object: ...

        def cancel(self) -> None:
            cancelled.append(True)

    class Endless:
        def __await__(self) -> object: ...

    for awaitable in (Pending(), Endless()):
        with (
            pytest.raises(airlock.AsyncDispatchError),
            airlock.scope(executor=lambda _, result=awaitable: result),
        ):
            airlock.enqueue(record)

    assert cancelled == [True]


def test_other_results_of_an_executor_mean_nothing() -> None:
    """Queues return handles of many kinds."""
    with airlock.scope(executor=lambda _: object()) as s:
        airlock.enqueue(record)

    assert s.is_flushed


def test_a_generator_task_does_not_vanish() -> None:
    """Calling it runs nothing; the effect would be lost silently."""

    def send() -> Iterator[None]:
        record("sent")
        yield

    async def send_async() -> AsyncIterator[None]:
        record("sent")
        yield

    for task in (send, send_async):
        with (
            pytest.raises(airlock.NotATaskError, match="made a generator"),
            airlock.scope(),
        ):
            airlock.enqueue(task)

    assert ran == []


def test_an_intent_without_executor_runs_in_place() -> None:
    """One made by hand belongs to no scope."""
    airlock._execute(Intent(record, (1,)))

    assert ran == [1]


def test_what_an_override_refuses_after_all_is_not_enqueued(executor: Recorder) -> None:
    """An enqueue that raised, and whose effect leaves all the same, is a trap."""

    class Outbox(airlock.Scope):
        def _add(self, intent: airlock.Intent) -> None:
            super()._add(intent)
            raise OSError("disk full")

    with (
        airlock.scope(executor=executor, _cls=Outbox) as s,
        pytest.raises(OSError, match="disk full"),
    ):
        airlock.enqueue(record)

    assert s.intents == []


def test_what_left_before_it_was_refused_stays_in_the_account(
    executor: Recorder,
) -> None:
    """Another thread may flush between the buffer and the outbox."""

    class Outbox(airlock.Scope):
        def _add(self, intent: airlock.Intent) -> None:
            super()._add(intent)
            self.exit()
            self.flush()
            raise OSError("disk full")

    Outbox(executor=executor).enter()
    s = airlock.get_current_scope()
    with pytest.raises(OSError, match="disk full"):
        airlock.enqueue(record)

    assert s is not None
    assert s.dispatched == s.intents == executor.intents


def test_call_sites_are_not_needed_where_there_is_no_caller(executor: Recorder) -> None:
    """A greenlet or thread may run nothing but the enqueue."""
    with airlock.configure(call_sites=True), airlock.scope(executor=executor) as s:
        run: Any = contextvars.copy_context().run
        _thread.start_new_thread(run, (airlock.enqueue, record))
        end = time.monotonic() + 30
        while not s.intents and time.monotonic() < end:
            time.sleep(0.001)

    assert [intent.call_site for intent in s.intents] == [None]


def test_what_is_refused_after_the_scope_has_exited_is_not_enqueued(
    executor: Recorder,
) -> None:
    """Its caller was told that it failed, and may try again."""

    class Unlucky(airlock.Scope):
        def _add(self, intent: Intent) -> None:
            super()._add(intent)
            thread = threading.Thread(target=self.exit)
            thread.start()
            thread.join()
            raise OSError("outbox away")

    s = Unlucky(executor=executor).enter()
    with pytest.raises(OSError, match="outbox"):
        airlock.enqueue(record, 1)

    s.flush()

    assert executor.values == []
