"""Flushing: what is asked, what is dispatched, and what a failure tells."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from recording import Journal, Recorder, ran, record

import airlock
from airlock import Intent, Scope


def test_flush_returns_what_left_and_discard_what_did_not(executor: Recorder) -> None:
    """Integrations report on both."""
    flushed = Scope(airlock.BlockTasks({"record"}), executor=executor)
    flushed.enter()
    airlock.enqueue(record, 1)
    airlock.enqueue(print, 2)
    flushed.exit()
    discarded = Scope(executor=executor).enter()
    airlock.enqueue(record, 3)
    discarded.exit()

    assert [intent.task for intent in flushed.flush()] == [print]
    assert [intent.args for intent in discarded.discard()] == [(3,)]
    assert executor.values == [2]


def test_should_flush_that_raises_discards(executor: Recorder) -> None:
    """An undecided scope must not stay open, nor send by accident."""

    class Undecided(Scope):
        def should_flush(self, error: BaseException | None) -> bool:
            raise RuntimeError("undecided") from error

    with (
        pytest.raises(RuntimeError, match="undecided"),
        airlock.scope(executor=executor, _cls=Undecided) as s,
    ):
        airlock.enqueue(record, 1)

    assert s.is_discarded
    assert executor.intents == []


def test_a_failed_dispatch_ends_the_flush_and_tells_how_far_it_got() -> None:
    """Going on would hide a broker outage behind a success."""
    sent: list[object] = []

    def broken(intent: Intent) -> None:
        if intent.args == (2,):
            raise ConnectionError("broker away")
        sent.append(intent.args)

    with (
        pytest.raises(ConnectionError, match="broker away") as caught,
        airlock.scope(executor=broken) as s,
    ):
        for number in (1, 2, 3, 4):
            airlock.enqueue(record, number)

    assert sent == [(1,)]
    assert s.is_flushed
    [note] = caught.value.__notes__
    assert "recording:record failed, effect 2 of 4" in note
    assert "Dispatched before it: 1. Not attempted: 2." in note


class Hesitant(Scope):
    """Tells other threads its state late: without a lock, it is no longer true."""

    @property  # type: ignore[override]
    def _state(self) -> object:
        state = self.__dict__["state"]
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.03)
        return state

    @_state.setter
    def _state(self, state: object) -> None:
        self.__dict__["state"] = state


def test_two_racing_flushes_dispatch_once(executor: Recorder) -> None:
    """The state changes under the lock, so one of them loses."""
    s = Hesitant(executor=executor).enter()
    airlock.enqueue(record, 1)
    s.exit()

    with ThreadPoolExecutor() as pool:
        racing = [pool.submit(s.flush) for _ in range(2)]
    errors = {type(flush.exception()) for flush in racing}

    assert errors == {airlock.ScopeStateError, type(None)}
    assert executor.values == [1]


def test_an_effect_accepted_while_the_scope_ends_is_not_lost(
    executor: Recorder,
) -> None:
    """Accepting and closing exclude each other: it leaves, or it is refused."""
    s = Hesitant(executor=executor).enter()
    with ThreadPoolExecutor() as pool:
        late = pool.submit(s._add, Intent(record, (1,), executor=executor))
        time.sleep(0.01)
        s.exit()
        s.flush()
        refused = isinstance(late.exception(), airlock.ScopeClosedError)

    assert executor.values == ([] if refused else [1])


def test_any_base_exception_of_an_executor_is_noted() -> None:
    """A worker that is shut down in the middle leaves a trace of how far it got."""

    def interrupted(intent: Intent) -> None:
        raise KeyboardInterrupt(intent.name)

    with (
        pytest.raises(KeyboardInterrupt) as caught,
        airlock.scope(executor=interrupted),
    ):
        airlock.enqueue(record, 1)

    assert "effect 1 of 1" in caught.value.__notes__[0]


def test_a_policy_is_asked_once_per_hook(executor: Recorder) -> None:
    """Stateful policies count on it."""
    notes: list[str] = []

    with airlock.scope(Journal("scope", notes), executor=executor):
        airlock.enqueue(record, 1)

    assert notes == ["scope.on_enqueue", "scope.allows"]


def test_a_subclass_decides_how_intents_are_dispatched() -> None:
    """`_dispatch_all` and `_execute` are what subclasses build on."""
    deferred: list[Intent] = []

    class Deferred(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            deferred.extend(intents)

    executor = Recorder()
    with airlock.scope(executor=executor, _cls=Deferred):
        airlock.enqueue(record, 1)
    assert executor.intents == []

    for intent in deferred:
        airlock._execute(intent)
    assert executor.values == [1]


def test_a_subclass_sees_each_intent_it_accepts() -> None:
    """An outbox persists in `_add`, and only what was really accepted."""
    persisted: list[str] = []

    class Outbox(Scope):
        def _add(self, intent: Intent) -> None:
            super()._add(intent)
            persisted.append(intent.name)

    with airlock.scope(
        airlock.BlockTasks({"print"}, raise_on_enqueue=True), _cls=Outbox
    ):
        airlock.enqueue(record)
        with pytest.raises(airlock.PolicyViolation):
            airlock.enqueue(print)

    assert persisted == ["recording:record"]


def test_an_executor_that_is_a_generator_is_an_error() -> None:
    """Its body would run when somebody iterates it, and nobody would."""

    def executor(intent: Intent) -> Any:
        yield intent

    with (
        pytest.raises(airlock.NotATaskError, match="without `yield`") as caught,
        airlock.scope(executor=executor) as s,
    ):
        airlock.enqueue(record)

    assert "recording:record" in str(caught.value)
    assert len(s.undispatched) == 1


def test_an_exception_that_refuses_notes_arrives_all_the_same() -> None:
    """A frozen dataclass is one."""

    class Frozen(Exception):  # noqa: N818 - what a user may write
        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

        def add_note(self, note: str) -> None:
            self.__notes__ = [note]

    def broken(_: Intent) -> None:
        raise Frozen

    with pytest.raises(Frozen), airlock.scope(executor=broken) as s:
        airlock.enqueue(record)

    assert s.report().of(airlock.Outcome.FAILED) == s.intents


def test_a_scope_without_effects_is_not_asked_to_dispatch_them() -> None:
    """Most requests have none; one whose effects were all blocked may tell of them."""
    asked: list[list[Intent]] = []

    class Journal(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            asked.append(intents)

    with airlock.scope(_cls=Journal) as empty:
        pass
    with airlock.scope(airlock.DropAll(), _cls=Journal):
        airlock.enqueue(record)

    assert empty.is_flushed
    assert asked == [[]]


def test_what_a_flush_returned_may_be_changed(executor: Recorder) -> None:
    """The account stays as it was."""
    s = Scope(executor=executor).enter()
    airlock.enqueue(record, 1)
    s.exit()

    s.flush().clear()

    assert [intent.args for intent in s.intents] == [(1,)]
    assert [intent.args for intent in s.dispatched] == [(1,)]


def test_a_task_that_returns_a_generator_expression_has_run() -> None:
    """Its result is ignored, as any other: to refuse it would ask for a second run."""

    def rows() -> Any:
        record(1)
        return (number for number in range(3))

    with airlock.scope() as s:
        airlock.enqueue(rows)

    assert ran == [1]
    assert len(s.dispatched) == 1


def test_an_executor_may_return_a_generator_expression() -> None:
    """It has run, and what it returns is ignored."""
    with airlock.scope(executor=lambda intent: (i for i in [intent])) as s:
        airlock.enqueue(record)

    assert len(s.dispatched) == 1
