"""Executors that dispatch many intents at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from recording import Recorder, record
from witness import complete

import airlock
from airlock import BulkDispatchError, Outcome, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from airlock import Intent

    Flush = Callable[[Scope], object]

either_way = pytest.mark.parametrize(
    "flush",
    [Scope.flush, lambda scope: complete(scope.aflush())],
    ids=["sync", "async"],
)


class Bulk:
    """Dispatches two at a time; a part with the `broken` value never arrives."""

    def __init__(self, broken: object = None) -> None:
        self.parts: list[list[object]] = []
        self._broken = broken

    def __call__(self, intent: Intent) -> None:
        self._send([intent])

    def dispatch_many(self, intents: Sequence[Intent]) -> Generator[int, None, None]:
        for start in range(0, len(intents), 2):
            part = intents[start : start + 2]
            self._send(part)
            yield len(part)

    def _send(self, part: Sequence[Intent]) -> None:
        values = [intent.args[0] for intent in part]
        if self._broken in values:
            raise ConnectionError("broker away")
        self.parts.append(values)


def filled(executor: Any, *values: object) -> Scope:
    """Return a scope that has exited with these effects."""
    scope = Scope(executor=executor).enter()
    for value in values:
        airlock.enqueue(record, value)
    scope.exit()
    return scope


@either_way
def test_a_run_of_effects_is_given_to_the_executor_at_once(flush: Flush) -> None:
    """One round trip to the broker instead of five."""
    executor = Bulk()

    flush(scope := filled(executor, 1, 2, 3, 4, 5))

    assert executor.parts == [[1, 2], [3, 4], [5]]
    assert len(scope.dispatched) == 5


@either_way
def test_a_function_may_carry_the_way_to_take_many(flush: Flush) -> None:
    """Executors are mostly functions."""
    bulk = Bulk()

    def executor(intent: Intent) -> None:
        bulk(intent)

    executor.dispatch_many = bulk.dispatch_many  # type: ignore[attr-defined]
    flush(filled(executor, 1, 2))

    assert bulk.parts == [[1, 2]]


@either_way
def test_a_single_effect_takes_the_common_way(flush: Flush) -> None:
    """There is nothing to gain, and one way less to go wrong."""
    executor = Bulk()

    flush(filled(executor, 1))

    assert executor.parts == [[1]]


@either_way
def test_effects_of_several_executors_leave_in_the_order_of_enqueueing(
    flush: Flush,
) -> None:
    """Only a run of neighbours may go at once."""
    bulk, single = Bulk(), Recorder()
    outer = airlock.CapturingScope(executor=bulk).enter()
    airlock.enqueue(record, 1)
    airlock.enqueue(record, 2)
    with airlock.scope(executor=single):
        airlock.enqueue(record, 3)
        airlock.enqueue(record, 4)
    airlock.enqueue(record, 5)
    airlock.enqueue(record, 6)
    outer.exit()

    flush(outer)

    assert bulk.parts == [[1, 2], [5, 6]]
    assert single.values == [3, 4]
    assert [intent.args[0] for intent in outer.dispatched] == [1, 2, 3, 4, 5, 6]


@either_way
def test_a_failure_tells_what_was_handed_over_before_it(flush: Flush) -> None:
    """Whoever repeats what is undispatched must not double what went."""
    executor = Bulk(broken=4)
    scope = filled(executor, 1, 2, 3, 4, 5, 6)

    with pytest.raises(ConnectionError) as caught:
        flush(scope)

    assert executor.parts == [[1, 2]]
    assert [fate.outcome for fate in scope.report().fates] == [
        *[Outcome.DISPATCHED] * 2,
        Outcome.FAILED,
        *[Outcome.NOT_ATTEMPTED] * 3,
    ]
    [note] = caught.value.__notes__
    assert "effect 3 of 6. Dispatched before it: 2. Not attempted: 3." in note


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
    assert caught.value.__notes__ == ["airlock: all 2 effects had been dispatched."]


@pytest.mark.parametrize(
    ("counts", "told", "went"),
    [
        ([1, 1], "ended with 1 effects left", 2),
        ([2, 2], "yielded 2 where 1 effects were left", 2),
        ([-1], "yielded -1 where 3 effects were left", 0),
        (["all"], "yielded 'all' where 3 effects were left", 0),
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

    scope = filled(Miscounting(), 1, 2, 3)

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

    assert "Write it as a generator" in str(caught.value)


def test_an_object_that_has_every_attribute_is_no_bulk_executor() -> None:
    """Tests of applications use mocks as executors."""
    executor = MagicMock(return_value=None)

    filled(executor, 1, 2).flush()

    assert executor.call_count == 2


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


def test_a_report_in_the_middle_of_a_flush_tells_how_far_it_got() -> None:
    """A monitor asks from another thread, while the broker is slow."""
    reports: list[list[str]] = []

    class Asking(Recorder):
        def __call__(self, intent: Intent) -> None:
            reports.append([fate.outcome.value for fate in scope.report().fates])
            super().__call__(intent)

    scope = filled(Asking(), 1, 2)
    scope.flush()

    assert reports == [["not attempted"] * 2, ["dispatched", "not attempted"]]
