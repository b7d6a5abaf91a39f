"""Flushing: what is asked, what is dispatched, and what a failure tells."""

from __future__ import annotations

import threading

import pytest
from recording import Journal, Recorder, record

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


def test_two_racing_flushes_dispatch_once(executor: Recorder) -> None:
    """The state changes under the lock, so one of them loses."""
    outcomes: list[str] = []

    def race(scope: Scope, start: threading.Barrier) -> None:
        start.wait()
        try:
            scope.flush()
            outcomes.append("flushed")
        except airlock.ScopeStateError:
            outcomes.append("refused")

    for number in range(50):
        s = Scope(executor=executor).enter()
        airlock.enqueue(record, number)
        s.exit()
        start = threading.Barrier(2)
        threads = [threading.Thread(target=race, args=[s, start]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(outcomes) == ["flushed"] * 50 + ["refused"] * 50
    assert executor.values == list(range(50))


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
