"""Scopes inside scopes: who may keep what, and what stays with an intent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recording import Journal, Recorder, record

import airlock
from airlock import CapturingScope, Intent, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence


class KeepsOdd(Scope):
    """Lets even numbers leave scopes inside it."""

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Judge by the first argument."""
        assert exiting_scope.is_flushed
        return [intent for intent in intents if intent.args[0] % 2 == 0]


def outcomes(scope: Scope) -> list[str]:
    """The outcome of each intent, in order."""
    return [fate.outcome.value for fate in scope.report().fates]


def test_a_capturing_scope_lets_nothing_leave_early(executor: Recorder) -> None:
    """The outermost boundary rules; the order of enqueueing is kept."""
    with airlock.scope(executor=executor, _cls=CapturingScope) as outer:
        airlock.enqueue(record, 1)
        with airlock.scope(executor=executor) as inner:
            airlock.enqueue(record, 2)
        airlock.enqueue(record, 3)
        assert executor.intents == []

    assert executor.values == [1, 2, 3]
    assert [intent.args for intent in outer.own_intents] == [(1,), (3,)]
    assert outer.captured_intents == inner.intents
    assert outcomes(inner) == ["captured"]
    assert inner.report().fates[0].reason == "by the CapturingScope around it"
    assert outcomes(outer) == ["dispatched"] * 3


def test_a_flush_that_is_captured_returns_nothing() -> None:
    """It returns what was dispatched."""
    with airlock.scope("drop_all", _cls=CapturingScope):
        inner = Scope().enter()
        airlock.enqueue(record)
        inner.exit()

        assert inner.flush() == []


def test_an_inner_policy_is_never_lost(executor: Recorder) -> None:
    """An inner DropAll holds, also where somebody outside captures."""
    with (
        airlock.scope(executor=executor, _cls=CapturingScope),
        airlock.scope(airlock.DropAll()) as inner,
    ):
        airlock.enqueue(record, 1)

    assert executor.intents == []
    assert outcomes(inner) == ["blocked"]


def test_an_inner_executor_is_never_lost(executor: Recorder) -> None:
    """A test executor keeps its effects, whoever opened a scope outside."""
    outside = Recorder()
    with airlock.scope(executor=outside, _cls=CapturingScope):
        airlock.enqueue(record, 1)
        with airlock.scope(executor=executor):
            airlock.enqueue(record, 2)

    assert outside.values == [1]
    assert executor.values == [2]


def test_the_capturing_policy_judges_too() -> None:
    """What it captured is in its buffer, and leaves only by its policy."""
    with airlock.scope("drop_all", _cls=CapturingScope) as outer, airlock.scope():
        airlock.enqueue(record)

    assert outcomes(outer) == ["blocked"]


def test_local_policies_are_asked_once() -> None:
    """A policy that counts would count what was captured twice."""
    notes: list[str] = []
    with (
        airlock.scope(Journal("outer", notes), _cls=CapturingScope),
        airlock.scope(Journal("inner", notes)),
        airlock.policy(Journal("local", notes)),
    ):
        airlock.enqueue(record)

    assert notes == [
        "local.on_enqueue",
        "inner.on_enqueue",
        "local.allows",
        "inner.allows",
        "outer.allows",
    ]


def test_what_fails_outside_discards_what_was_captured(executor: Recorder) -> None:
    """The inner operation succeeded, the one around it did not."""
    with (
        pytest.raises(ValueError, match="boom"),
        airlock.scope(executor=executor, _cls=CapturingScope) as outer,
    ):
        with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)
        raise ValueError("boom")

    assert executor.intents == []
    assert outcomes(outer) == ["discarded"]


def test_a_scope_may_keep_some_and_let_others_leave(executor: Recorder) -> None:
    """What it returns leaves now, in order; the rest waits, in order."""
    with airlock.scope(executor=executor, _cls=KeepsOdd):
        airlock.enqueue(record, 0)
        with airlock.scope(executor=executor) as inner:
            for number in (1, 2, 3, 4):
                airlock.enqueue(record, number)
        assert executor.values == [2, 4]

    assert executor.values == [2, 4, 0, 1, 3]
    assert outcomes(inner) == ["captured", "dispatched", "captured", "dispatched"]


def test_every_scope_around_is_asked_from_the_inside(executor: Recorder) -> None:
    """The nearest keeps first; what it lets go, the next may keep."""
    with airlock.scope(executor=executor, _cls=CapturingScope) as outermost:
        with airlock.scope(executor=executor), KeepsOdd(executor=executor) as middle:
            with airlock.scope(executor=executor):
                airlock.enqueue(record, 1)
                airlock.enqueue(record, 2)
            assert [intent.args for intent in middle.intents] == [(1,)]
            assert [intent.args for intent in outermost.intents] == [(2,)]
        assert executor.intents == []

    assert executor.values == [2, 1]


def test_a_scope_cannot_let_leave_what_it_was_not_asked_about() -> None:
    """An answer that invents intents would duplicate effects."""

    class Inventive(Scope):
        def before_descendant_flushes(
            self, exiting_scope: Scope, intents: list[Intent]
        ) -> Sequence[Intent]:
            return [*intents, Intent(record), *exiting_scope.intents]

    class Forgetful(Scope):
        def before_descendant_flushes(  # type: ignore[empty-body]
            self, exiting_scope: Scope, intents: list[Intent]
        ) -> Sequence[Intent]:
            """Return nothing at all."""

    for kind in (Inventive, Forgetful):
        with airlock.scope("drop_all", _cls=kind):
            inner = Scope().enter()
            airlock.enqueue(record)
            inner.exit()

            with pytest.raises(airlock.ArgumentError, match="not asked about"):
                inner.flush()

        assert outcomes(inner) == ["not attempted"]


def test_a_scope_that_closes_meanwhile_can_keep_nothing(executor: Recorder) -> None:
    """Another thread ended it: what it cannot keep leaves, and is not lost."""

    class Closing(CapturingScope):
        def before_descendant_flushes(
            self, exiting_scope: Scope, intents: list[Intent]
        ) -> Sequence[Intent]:
            self.exit()
            self.flush()
            return super().before_descendant_flushes(exiting_scope, intents)

    with airlock.scope(executor=executor, _cls=Closing):
        with airlock.scope(executor=executor) as inner:
            airlock.enqueue(record, 1)
            airlock.enqueue(record, 2)

        assert executor.values == [1, 2]
        assert outcomes(inner) == ["dispatched", "dispatched"]


def test_a_scope_that_fails_to_keep_tells_what_it_kept(executor: Recorder) -> None:
    """An outbox that loses its database in the middle: each intent is in one place."""

    class Outbox(CapturingScope):
        def _add(self, intent: Intent) -> None:
            if intent.args == (2,):
                raise OSError("disk full")
            super()._add(intent)

    with airlock.scope(executor=executor, _cls=Outbox):
        with pytest.raises(OSError, match="disk full"), airlock.scope() as inner:
            for number in (1, 2, 3):
                airlock.enqueue(record, number)
        assert outcomes(inner) == ["captured", "not attempted", "not attempted"]


def test_a_closed_scope_around_is_not_asked(executor: Recorder) -> None:
    """Exits out of order: the inner scope outlives the capturing one."""
    outer = CapturingScope(executor=executor).enter()
    inner = Scope(executor=executor).enter()
    airlock.enqueue(record, 1)
    with pytest.warns(RuntimeWarning, match="reverse order"):
        outer.exit()
    outer.flush()
    inner.exit()

    assert [intent.args for intent in inner.flush()] == [(1,)]


def test_thousands_of_effects_pass_the_scopes_around(executor: Recorder) -> None:
    """Nothing about it depends on small numbers."""
    scope = airlock.scope
    with scope(executor=executor, _cls=KeepsOdd), scope(executor=executor):
        for number in range(1000):
            airlock.enqueue(record, number)

    assert executor.values == [*range(0, 1000, 2), *range(1, 1000, 2)]


def test_what_an_override_fails_to_keep_is_not_kept(executor: Recorder) -> None:
    """Also if it failed after the buffer had it: it would have two accounts."""

    class Outbox(CapturingScope):
        def _add(self, intent: Intent) -> None:
            super()._add(intent)
            if intent.args == (2,):
                raise OSError("disk full")

    outer = Outbox(executor=executor).enter()
    with pytest.raises(OSError, match="disk full"), airlock.scope() as inner:
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)
    outer.exit()
    outer.flush()

    assert outcomes(inner) == ["captured", "not attempted"]
    assert outer.intents == outer.captured_intents == inner.intents[:1]


def test_what_a_scope_did_not_keep_lends_its_identity_to_nobody(
    executor: Recorder,
) -> None:
    """An effect of its own would pass its local policies unasked."""

    class Deduplicating(airlock.CapturingScope):
        def _add(self, intent: Intent) -> None:
            if intent.args not in [kept.args for kept in self.intents]:
                super()._add(intent)

    with airlock.scope(executor=executor, _cls=Deduplicating):
        airlock.enqueue(record, 0)
        for _ in range(50):
            with airlock.scope():
                airlock.enqueue(record, 0)
        with airlock.policy(airlock.DropAll()):
            for number in range(1, 200):
                airlock.enqueue(record, number)

    assert executor.values == [0]
