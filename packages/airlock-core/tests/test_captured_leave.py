"""`before_captured_leave`: a scope has a say in what was captured from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recording import Recorder, record

import airlock
from airlock import CapturingScope, Intent, Scope

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
