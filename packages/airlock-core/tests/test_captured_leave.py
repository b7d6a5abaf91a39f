"""`before_captured_leave`: a scope has a say in what was captured from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from recording import Recorder, record

import airlock
from airlock import CapturingScope, CoalescingScope, Intent, Outcome, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence


class Careful(Scope):
    """Lets even numbers leave a scope that captured them."""

    def before_captured_leave(
        self, keeping_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Note who asks."""
        self.asked_by = keeping_scope
        return [intent for intent in intents if intent.args[0] % 2 == 0]


def fates(scope: Scope) -> list[tuple[str, str]]:
    """Return the outcome of each intent, and why."""
    return [(fate.outcome.value, fate.reason) for fate in scope.report().fates]


def test_what_the_scope_keeps_back_does_not_leave(executor: Recorder) -> None:
    """It may know what became of the work since; the order is kept."""
    with airlock.scope(executor=executor, _cls=CapturingScope) as outer:
        airlock.enqueue(record, 1)
        with airlock.scope(executor=executor, _cls=Careful) as inner:
            airlock.enqueue(record, 2)
            airlock.enqueue(record, 3)
        airlock.enqueue(record, 5)

    assert executor.values == [1, 2, 5]
    assert inner.asked_by is outer
    assert fates(outer)[1:3] == [
        ("dispatched", ""),
        ("captured", "by the Careful it came from"),
    ]


def test_a_scope_is_asked_through_several_that_capture(executor: Recorder) -> None:
    """The one that it was enqueued in, and the one that lets it leave."""
    with airlock.scope(executor=executor, _cls=CapturingScope) as outermost:
        with (
            airlock.scope(_cls=CapturingScope),
            airlock.scope(executor=executor, _cls=Careful) as inner,
        ):
            airlock.enqueue(record, 2)
            airlock.enqueue(record, 3)
        assert len(outermost.captured_intents) == 2

    assert executor.values == [2]
    assert inner.asked_by is outermost


def test_what_the_outer_policy_blocks_is_not_asked_about(executor: Recorder) -> None:
    """A scope may do more than say no, and this was decided."""
    with (
        airlock.scope("drop_all", executor=executor, _cls=CapturingScope),
        airlock.scope(executor=executor, _cls=Careful) as inner,
    ):
        airlock.enqueue(record, 2)

    assert not hasattr(inner, "asked_by")


@pytest.mark.parametrize("answer", [None, [Intent(record)]])
def test_an_answer_about_something_else_is_refused(
    answer: list[Intent] | None, executor: Recorder
) -> None:
    """Nothing leaves by mistake."""

    class Confused(Scope):
        def before_captured_leave(
            self, keeping_scope: Scope, intents: list[Intent]
        ) -> Sequence[Intent]:
            del keeping_scope, intents
            return answer  # type: ignore[return-value]

    with (
        pytest.raises(
            airlock.ArgumentError, match=r"Confused\.before_captured_leave\(\)"
        ),
        airlock.scope(executor=executor, _cls=CapturingScope) as outer,
        airlock.scope(_cls=Confused),
    ):
        airlock.enqueue(record, 2)

    assert executor.values == []
    assert [outcome for outcome, _ in fates(outer)] == ["not attempted"]


class CoalescingBoundary(CoalescingScope, CapturingScope):
    """Sends equal effects once, of all scopes inside it."""


class Undone(Scope):
    """Its work was rolled back since."""

    def before_captured_leave(
        self, keeping_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Let nothing go."""
        del keeping_scope, intents
        return []


class Deferring(Scope):
    """Sends what was captured itself, later."""

    def before_captured_leave(
        self, keeping_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Note that they wait."""
        del keeping_scope
        self._mark(Outcome.WAITING, intents, "for later")
        return []


@pytest.mark.parametrize("keep", ["first", "last"])
def test_an_equal_effect_leaves_in_the_place_of_one_that_may_not(
    executor: Recorder, keep: Literal["first", "last"]
) -> None:
    """The first attempt was rolled back, and the second committed."""
    with CoalescingBoundary(executor=executor, keep=keep) as outer:
        airlock.enqueue(record, 0)
        for kind in (Undone, Undone, Scope, Undone):
            with airlock.scope(executor=executor, _cls=kind):
                airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert executor.values == [0, 1, 2]
    assert [fate.outcome.value for fate in outer.report().fates] == [
        "dispatched",
        *("captured" if keep == "first" else "coalesced",) * 2,
        "dispatched",
        "coalesced" if keep == "first" else "captured",
        "dispatched",
    ]


def test_several_effects_are_each_looked_for_among_their_equals(
    executor: Recorder,
) -> None:
    """Two attempts at both were rolled back."""
    with CoalescingBoundary(executor=executor):
        for kind in (Undone, Undone, Scope):
            with airlock.scope(executor=executor, _cls=kind):
                airlock.enqueue(record, 1)
                airlock.enqueue(record, 2)

    assert executor.values == [1, 2]


def test_equal_effects_that_may_not_leave_do_not(executor: Recorder) -> None:
    """Each is asked about, and none is left."""
    with CoalescingBoundary(executor=executor) as outer:
        for _ in range(2_000):
            with airlock.scope(executor=executor, _cls=Undone):
                airlock.enqueue(record, 1)

    assert executor.values == []
    assert {outcome for outcome, _ in fates(outer)} == {"captured"}


def test_a_scope_is_asked_what_waits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its account is as long as the list of its effects."""
    asked: list[Scope] = []
    report = Scope.report

    def counted(self: Scope) -> airlock.Report:
        asked.append(self)
        return report(self)

    monkeypatch.setattr(Scope, "report", counted)
    with CoalescingBoundary(), airlock.scope(_cls=Undone):
        for number in (1, 2, 3, 1, 2, 3):
            airlock.enqueue(record, number)

    # What waits, and what has left; for the first of each, and for the second.
    assert len(asked) <= 4


def test_an_effect_that_waits_elsewhere_stands_for_its_equals(
    executor: Recorder,
) -> None:
    """Otherwise it would be sent twice."""
    with CoalescingBoundary(executor=executor) as outer:
        with airlock.scope(executor=executor, _cls=Deferring):
            airlock.enqueue(record, 1)
        airlock.enqueue(record, 1)

    assert executor.values == []
    assert [outcome for outcome, _ in fates(outer)] == ["captured", "coalesced"]


def test_a_scope_around_may_keep_the_one_that_leaves_instead(
    executor: Recorder,
) -> None:
    """It is asked about that one, too."""

    class KeepsOwn(Scope):
        def before_descendant_flushes(
            self, exiting_scope: Scope, intents: list[Intent]
        ) -> Sequence[Intent]:
            return [i for i in intents if id(i) in exiting_scope._captured]

    with (
        airlock.scope(executor=executor, _cls=KeepsOwn) as outermost,
        CoalescingBoundary(executor=executor),
    ):
        with airlock.scope(executor=executor, _cls=Undone):
            airlock.enqueue(record, 1)
        airlock.enqueue(record, 1)
        assert outermost.intents == []

    assert [outcome for outcome, _ in fates(outermost)] == ["dispatched"]
