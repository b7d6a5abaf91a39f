"""What goes wrong in executors that dispatch many intents at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from bulk_executor import Bulk, filled
from recording import Recorder, record

import airlock
from airlock import Attempt, BulkDispatchError, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airlock import Intent


def test_a_failure_after_everything_went_says_so() -> None:
    """Then nothing is to be repeated."""

    class Untidy(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            yield len(intents)
            raise OSError("could not hang up")

    scope = filled(Untidy(), 1, 2)

    with pytest.raises(OSError, match="hang up") as caught:
        scope.flush()

    assert len(scope.dispatched) == 2
    [note] = caught.value.__notes__
    assert note.endswith("2 effects before this had been dispatched. Not attempted: 0.")


@pytest.mark.parametrize(
    ("counts", "told", "went"),
    [
        ([1, 1], "ended with 3 effects left", 2),
        ([2, 4], "yielded 4 where 3 effects were left", 2),
        ([-1], "yielded -1 where 5 effects were left", 0),
        (["all"], "yielded 'all' where 5 effects were left", 0),
    ],
)
def test_a_count_that_cannot_be_is_an_error(
    counts: list[Any], told: str, went: int
) -> None:
    """An account that rests on it would be wrong."""
    has_ended = []

    class Miscounting(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            del intents
            try:
                yield from counts
            finally:
                has_ended.append(True)

    scope = filled(Miscounting(), 1, 2, 3, 4, 5)

    with pytest.raises(BulkDispatchError, match=told):
        scope.flush()

    assert has_ended == [True]
    assert len(scope.dispatched) == went


def test_what_is_no_generator_is_an_error() -> None:
    """A plain function would have dispatched everything and told nothing."""

    class Plain(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            del intents

    with pytest.raises(BulkDispatchError, match="returned None") as caught:
        filled(Plain(), 1, 2).flush()

    assert "Write it as a plain generator" in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork() is needed")
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_fork_between_two_parts_leaves_the_rest_to_the_parent() -> None:
    """Both would go on with the same effects."""

    class Forking(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            yield 1
            self.child = os.fork()
            yield 0
            self._send(intents[1:])
            yield len(intents) - 1

    executor = Forking()
    scope = filled(executor, 1, 2, 3)
    try:
        scope.flush()
    except airlock.ScopeStateError:
        os._exit(17)
    status = os.waitpid(executor.child, 0)[1]

    assert os.waitstatus_to_exitcode(status) == 17
    assert executor.parts == [[2, 3]]


def test_what_fails_after_its_last_part_is_no_effect_of_the_next_executor() -> None:
    """The next one was not even attempted."""

    class Untidy(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            yield len(intents)
            raise OSError("could not hang up")

    single = Recorder()
    outer = airlock.CapturingScope(executor=Untidy()).enter()
    airlock.enqueue(record, 1)
    airlock.enqueue(record, 2)
    with airlock.scope(executor=single):
        airlock.enqueue(record, 3)
    outer.exit()

    with pytest.raises(OSError, match="hang up"):
        outer.flush()

    outcomes = [fate.outcome.value for fate in outer.report().fates]
    assert outcomes == ["dispatched", "dispatched", "not attempted"]


def test_a_failure_after_a_run_was_handed_over_names_its_own_effect() -> None:
    """Each run has an end of its own."""

    def broken(_: Intent) -> None:
        raise ConnectionError("broker away")

    outer = airlock.CapturingScope(executor=Bulk()).enter()
    airlock.enqueue(record, 1)
    airlock.enqueue(record, 2)
    with airlock.scope(executor=broken):
        airlock.enqueue(record, 3)
    outer.exit()

    with pytest.raises(ConnectionError) as caught:
        outer.flush()

    assert outer.report().of(Outcome.FAILED) == outer.captured_intents
    assert "effect 3 of 3. Dispatched before it: 2." in caught.value.__notes__[0]


def test_a_coroutine_function_is_an_error_and_leaves_nothing_to_await() -> None:
    """A warning that it was never awaited would hide what is wrong."""

    class Async(Bulk):
        async def dispatch_many(self, intents: Sequence[Intent]) -> Any:  # type: ignore[override]
            del intents

    with pytest.raises(BulkDispatchError, match="a plain generator"):
        filled(Async(), 1, 2).flush()


class _InDoubt(Bulk):
    """Hands over three, and then fails while it hands over some more."""

    def __init__(self, in_doubt: Any) -> None:
        super().__init__()
        self._in_doubt = in_doubt

    def dispatch_many(self, intents: Sequence[Intent]) -> Any:
        del intents
        yield 3
        yield Attempt(self._in_doubt)
        raise ConnectionError("broker away")


def other(*_: object) -> None:
    """Be told from `record`."""


@pytest.mark.parametrize(("in_doubt", "left"), [(3, 1), (2, 2)])
def test_a_part_that_may_have_arrived_failed_as_a_whole(
    in_doubt: int, left: int
) -> None:
    """Said not to be attempted, its effects would be sent again without a doubt."""
    scope = airlock.Scope(executor=_InDoubt(in_doubt)).enter()
    for task in (record, record, record, other, record, record, record):
        airlock.enqueue(task)
    scope.exit()

    with pytest.raises(ConnectionError) as caught:
        scope.flush()

    outcomes = [fate.outcome.value for fate in scope.report().fates]
    failed = ["failed"] * in_doubt
    assert outcomes == [*["dispatched"] * 3, *failed, *["not attempted"] * left]
    [note] = caught.value.__notes__
    assert note == (
        f"airlock: dispatching effects 4 to {3 + in_doubt} of 7 failed, of which "
        f"test_bulk_failure:other is the first. Dispatched before them: 3. Not "
        f"attempted: {left}."
    )


def test_one_effect_may_be_announced_as_well() -> None:
    """It is the rest of a batch, and nothing is different."""
    scope = filled(_InDoubt(1), 1, 2, 3, 4, 5)

    with pytest.raises(ConnectionError) as caught:
        scope.flush()

    assert len(scope.report().of(Outcome.FAILED)) == 1
    assert "effect 4 of 5. Dispatched before it: 3." in caught.value.__notes__[0]


def test_the_effects_of_the_next_executor_are_not_in_doubt() -> None:
    """They were certainly not attempted."""
    outer = airlock.CapturingScope(executor=_InDoubt(3)).enter()
    for value in range(6):
        airlock.enqueue(record, value)
    with airlock.scope(executor=Recorder()):
        airlock.enqueue(record, 6)
    outer.exit()

    with pytest.raises(ConnectionError) as caught:
        outer.flush()

    counts = {outcome.value: count for outcome, count in outer.report().counts.items()}
    assert counts == {"dispatched": 3, "failed": 3, "not attempted": 1}
    assert "effects 4 to 6 of 7" in caught.value.__notes__[0]


@pytest.mark.parametrize("in_doubt", [None, 0, -1, 4, "all"])
def test_no_more_are_attempted_than_there_are(in_doubt: Any) -> None:
    """An account that rests on it would be wrong."""
    scope = filled(_InDoubt(in_doubt), 1, 2, 3, 4, 5, 6)

    with pytest.raises(BulkDispatchError) as caught:
        scope.flush()

    told = f"yielded Attempt({in_doubt}) where 3 effects were left"
    assert told in str(caught.value)
    outcomes = [fate.outcome.value for fate in scope.report().fates]
    assert outcomes == [*["dispatched"] * 3, "failed", *["not attempted"] * 2]


@pytest.mark.parametrize("step", [0, 1])
def test_the_next_step_takes_back_what_was_announced(step: int) -> None:
    """The broker has answered: it refuses, or the rest went another way."""

    class Refused(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            yield Attempt(len(intents))
            yield step
            raise ConnectionError("broker full")

    scope = filled(Refused(), 1, 2, 3, 4)

    with pytest.raises(ConnectionError):
        scope.flush()

    outcomes = [fate.outcome.value for fate in scope.report().fates]
    left = ["failed", *["not attempted"] * (3 - step)]
    assert outcomes == [*["dispatched"] * step, *left]


def test_what_an_inner_flush_leaves_in_doubt_is_its_own() -> None:
    """An effect that runs in place may open a scope, and its error passes through."""
    inner = filled(_InDoubt(3), 1, 2, 3, 4, 5, 6)

    class InPlace(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            del intents
            yield 1
            inner.flush()

    outer = filled(InPlace(), 1, 2, 3, 4)

    with pytest.raises(ConnectionError):
        outer.flush()

    outcomes = [fate.outcome.value for fate in outer.report().fates]
    assert outcomes == ["dispatched", "failed", "not attempted", "not attempted"]
