"""Executors that dispatch many intents at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from bulk_executor import Bulk, filled
from recording import Recorder, record
from witness import complete

import airlock
from airlock import Outcome, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airlock import Intent

    Flush = Callable[[Scope], object]

either_way = pytest.mark.parametrize(
    "flush",
    [Scope.flush, lambda scope: complete(scope.aflush())],
    ids=["sync", "async"],
)


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

    class Never(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            raise AssertionError(intents)

    executor = Never()

    flush(filled(executor, 1))

    assert executor.parts == [[1]]


@either_way
@pytest.mark.parametrize("before", [1, 2])
def test_a_single_effect_after_others_takes_the_common_way(
    flush: Flush, before: int
) -> None:
    """How many there are is not where they begin."""

    class Never(Bulk):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            raise AssertionError(intents)

    executor = Never()
    outer = airlock.CapturingScope(executor=Recorder()).enter()
    for number in range(before):
        airlock.enqueue(record, number)
    filled(executor, before).flush()
    outer.exit()

    flush(outer)

    assert executor.parts == [[before]]


@either_way
def test_an_executor_that_takes_many_may_compare_equal_to_one_that_does_not(
    flush: Flush,
) -> None:
    """Each gets what is its own, in its own way."""

    class Tenant(Recorder):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = Recorder.__hash__

    class Many(Tenant, Bulk):
        __call__ = Bulk.__call__

        def __init__(self) -> None:
            Tenant.__init__(self)
            Bulk.__init__(self)

    one, many = Tenant(), Many()
    outer = airlock.CapturingScope(executor=one).enter()
    airlock.enqueue(record, 1)
    filled(many, 2, 3).flush()
    outer.exit()

    flush(outer)

    assert (one.values, many.parts) == ([1], [[2, 3]])


@either_way
def test_a_run_may_be_long_and_begin_anywhere(flush: Flush) -> None:
    """Its end is counted from what went before it."""
    bulk, single = Bulk(), Recorder()
    outer = airlock.CapturingScope(executor=single).enter()
    airlock.enqueue(record, 0)
    with airlock.scope(executor=bulk):
        for value in range(1, 1000):
            airlock.enqueue(record, value)
    outer.exit()

    flush(outer)

    assert single.values == [0]
    assert [value for part in bulk.parts for value in part] == [*range(1, 1000)]


def test_a_coroutine_function_in_a_run_is_awaited_by_itself() -> None:
    """An executor of a queue calls what is no task of the queue in place."""

    class InPlace(Bulk):
        def __call__(self, intent: Intent) -> Any:
            if intent.task is later:
                return later(*intent.args)
            return super().__call__(intent)

    async def later(value: object) -> None:
        executor.parts.append([value])

    executor = InPlace()
    scope = Scope(executor=executor).enter()
    for value in range(8):
        airlock.enqueue(later if value in {2, 5, 6} else record, value)
    scope.exit()

    complete(scope.aflush())

    assert executor.parts == [[0, 1], [2], [3, 4], [5], [6], [7]]


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


def test_an_object_that_has_every_attribute_is_no_bulk_executor() -> None:
    """Tests of applications use mocks as executors."""
    executor = MagicMock(return_value=None)

    filled(executor, 1, 2).flush()

    assert executor.call_count == 2


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


def test_executors_that_compare_equal_are_still_two() -> None:
    """They may differ in what is not compared, such as the client of a tenant."""

    class Tenant(Bulk):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Tenant)

        __hash__ = Bulk.__hash__

    one, two = Tenant(), Tenant()
    outer = airlock.CapturingScope(executor=one).enter()
    airlock.enqueue(record, 1)
    with airlock.scope(executor=two):
        airlock.enqueue(record, 2)
    outer.exit()

    outer.flush()

    assert (one.parts, two.parts) == ([[1]], [[2]])


def test_a_task_that_cannot_be_looked_at_fails_at_its_turn() -> None:
    """A lazy task may turn out to be broken when it is first looked at."""

    class Broken:
        name = "broken"

        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            raise ZeroDivisionError

        def __getattr__(self, name: str) -> Any:
            raise ZeroDivisionError(name)

        def __call__(self, value: object) -> None:
            """Be a task."""

    executor = Bulk()
    scope = Scope(executor=executor).enter()
    airlock.enqueue(record, 1)
    airlock.enqueue(Broken(), 2)
    scope.exit()

    scope.flush()

    assert executor.parts == [[1, 2]]


def test_a_class_may_take_back_that_it_dispatches_many() -> None:
    """As Python's own protocols do, by None."""

    class One(Recorder):
        dispatch_many = None

    executor = One()
    with airlock.scope(executor=executor):
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert executor.values == [1, 2]
