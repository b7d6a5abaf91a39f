"""Assertions about effects: what they find, and what they say."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

import airlock
from airlock import Intent
from airlock.testing import (
    RecordingExecutor,
    assert_enqueued,
    assert_not_enqueued,
    assert_nothing_enqueued,
    enqueued,
)


def send_receipt(order: int, copies: int = 1) -> None:
    """Be a task."""


def send_reminder(order: int) -> None:
    """Be another task."""


def ship(order: int) -> None:
    """Be a third task."""


# The name of this module depends on where the folder lies.
RECEIPT = f"{__name__}:send_receipt"
SHIP = f"{__name__}:ship"
INTENTS = [
    Intent(ship, (17,)),
    Intent(send_receipt, (17,), {"copies": 2}, dispatch_options={"countdown": 60}),
    Intent(send_receipt, (18,), origin="checkout"),
]


def failure(check: Any, *args: Any, **kwargs: Any) -> str:
    """Return the text of an assertion that must fail."""
    with pytest.raises(AssertionError) as caught:
        check(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize("task", [send_receipt, "send_receipt", RECEIPT])
def test_a_task_is_found_by_itself_and_by_its_names(task: object) -> None:
    """The same names as in policies."""
    assert_enqueued(INTENTS, task)
    assert_not_enqueued(INTENTS[:1], task)
    assert enqueued(INTENTS, task) == INTENTS[1:]


def test_arguments_are_compared_if_there_are_any() -> None:
    """All of them: half a comparison hides the wrong half."""
    assert_enqueued(INTENTS, send_receipt, 17, copies=2)
    assert_not_enqueued(INTENTS, send_receipt, 17)
    assert_not_enqueued(INTENTS, send_receipt, 17, copies=3)
    assert_not_enqueued(INTENTS, send_receipt, copies=2)


def test_options_and_origin_are_compared_if_they_are_given() -> None:
    """The line of the `enqueue` can be copied into the test."""
    assert_enqueued(INTENTS, send_receipt, _dispatch_options={"countdown": 60})
    assert_not_enqueued(INTENTS, send_receipt, _dispatch_options={"countdown": 61})
    assert_enqueued(INTENTS, send_receipt, 18, _dispatch_options={})
    assert_enqueued(INTENTS, send_receipt, _origin="checkout")
    assert_not_enqueued(INTENTS, ship, _origin="checkout")


@pytest.mark.parametrize("times", [0, 1, 2])
def test_how_often_means_exactly(times: int) -> None:
    """Two mails are as wrong as none."""
    given = [Intent(ship, (1,))] * times

    assert_enqueued(given, ship, times=times)
    assert "expected 3 times" in failure(assert_enqueued, given, ship, times=3)


def test_a_scope_an_executor_and_any_iterable_can_be_looked_into() -> None:
    """Whichever the test has at hand."""
    executor = RecordingExecutor()
    with airlock.scope(airlock.BlockTasks([ship]), executor=executor) as scope:
        airlock.enqueue(ship, 1)
        assert_enqueued(scope, ship, 1)
    assert_enqueued(scope, ship, 1)
    assert_not_enqueued(scope.dispatched, ship)
    assert_nothing_enqueued(executor)
    assert_nothing_enqueued(intent for intent in scope.dispatched)


def test_a_failure_shows_what_was_enqueued_closest_first() -> None:
    """The reason is nearly always in the first line."""
    assert failure(assert_enqueued, INTENTS, send_receipt, 17, copies=3) == (
        f"{RECEIPT}(17, copies=3) was never enqueued. Enqueued, closest first:\n"
        f"  2. {RECEIPT}(17, copies=2) _dispatch_options={{'countdown': 60}}\n"
        f"  3. {RECEIPT}(18) _origin='checkout'\n"
        f"  1. {SHIP}(17)"
    )


def test_the_task_counts_more_than_the_arguments_and_then_the_likeness() -> None:
    """Long arguments in common must not hide that it is another task."""
    text = "the same long text " * 3
    given = [Intent(ship, (text,)), Intent(send_reminder, (1,)), Intent(send_receipt)]

    told = failure(assert_enqueued, given, send_receipt, text)
    unknown = failure(assert_enqueued, given, send_reminder, 2)

    assert [line[2] for line in told.splitlines()[1:]] == ["3", "1", "2"]
    assert unknown.splitlines()[1].startswith("  2. ")


def test_a_name_is_shown_as_it_was_written() -> None:
    """A misspelt one is then easy to see."""
    given = [Intent(send_receipt, (17,))]

    assert failure(assert_enqueued, given, "send_reciept", 17).startswith(
        "send_reciept(17) was never enqueued. "
    )


def test_options_that_were_asked_for_are_shown() -> None:
    """They may be all that is wrong."""
    options = {"countdown": 61}

    told = failure(assert_enqueued, INTENTS, ship, _dispatch_options=options)

    assert told.startswith(
        f"{SHIP} _dispatch_options={{'countdown': 61}} was "
        "never enqueued. Enqueued, closest first:\n  1. "
    )


def test_a_wrong_number_is_told_with_the_right_one() -> None:
    """And each of them, in case they should have been different."""
    told = failure(assert_enqueued, INTENTS, send_receipt, times=1)

    assert told.startswith(f"{RECEIPT} was enqueued 2 times; expected once. Enqueued")


def test_nothing_is_told_as_nothing() -> None:
    """The code did not get that far."""
    assert failure(assert_enqueued, [], ship, 1) == (
        f"{SHIP}(1) was never enqueued. Nothing was enqueued."
    )


def test_an_effect_that_was_not_wanted_is_shown_each_time() -> None:
    """With the positions among all, and no others."""
    assert failure(assert_not_enqueued, INTENTS, send_receipt) == (
        f"{RECEIPT} was enqueued 2 times; expected never:\n"
        f"  2. {RECEIPT}(17, copies=2) _dispatch_options={{'countdown': 60}}\n"
        f"  3. {RECEIPT}(18) _origin='checkout'"
    )


def test_effects_where_none_was_wanted_are_shown_in_order() -> None:
    """The first one usually leads to the others."""
    assert failure(assert_nothing_enqueued, INTENTS[:1]) == (
        f"Expected that nothing is enqueued, got 1:\n  1. {SHIP}(17)"
    )


def test_the_line_of_the_enqueue_is_shown_if_it_is_known() -> None:
    """With `configure(call_sites=True)` the editor opens it."""
    given = [Intent(ship, (17,), call_site="shop/views.py:12")]

    told = failure(assert_nothing_enqueued, given)

    assert told.endswith("ship(17) (at shop/views.py:12)")


def test_long_lists_and_long_arguments_are_cut() -> None:
    """A backfill that enqueues everything must not fill the screen."""
    given = [Intent(ship, ("x" * 1000,)) for _ in range(25)]

    lines = failure(assert_nothing_enqueued, given).splitlines()

    assert len(lines) == 12
    assert lines[-1] == "  and 15 more"
    assert max(map(len, lines)) < 210
    assert lines[1].endswith("xxx...")


@pytest.mark.parametrize("source", [ship, None, "ship", [ship]])
@pytest.mark.parametrize("check", [assert_enqueued, assert_not_enqueued, enqueued])
def test_a_forgotten_scope_is_an_error_of_its_own(check: Any, source: Any) -> None:
    """`assert_not_enqueued(ship, 17)` must not pass."""
    with pytest.raises(airlock.ArgumentError, match=f"{check.__name__}.*first a scope"):
        check(source, ship)


@pytest.mark.parametrize("task", [None, 7, ""])
def test_what_is_no_task_is_an_error_of_its_own(task: object) -> None:
    """It would never be found, and the assertion that it is not would hold."""
    with pytest.raises(airlock.ArgumentError, match=r"assert_not_enqueued.*the task"):
        assert_not_enqueued(INTENTS, task)


@pytest.mark.parametrize(
    ("check", "args"),
    [
        (assert_enqueued, ([], ship)),
        (assert_not_enqueued, (INTENTS, ship)),
        (assert_nothing_enqueued, (INTENTS,)),
    ],
)
def test_the_failure_points_at_the_line_of_the_test(check: Any, args: Any) -> None:
    """What raises is one frame deep, and pytest hides that one."""
    with pytest.raises(AssertionError) as caught:
        check(*args)

    *_, test, hidden = traceback.walk_tb(caught.value.__traceback__)
    assert test[0].f_code.co_name == "test_the_failure_points_at_the_line_of_the_test"
    assert hidden[0].f_locals["__tracebackhide__"] is True


class Unsure:
    """Its comparison, as an array's, is neither true nor false."""

    def __eq__(self, other: object) -> Any:
        class Many:
            def __bool__(self) -> bool:
                raise ValueError("more than one truth value")

        return Many()

    __hash__ = object.__hash__


def test_an_argument_that_cannot_be_compared_equals_itself_alone() -> None:
    """Arrays are arguments too, and the assertion must fail, not crash."""
    mine, other = Unsure(), Unsure()
    intents = [Intent(ship, (mine,), {"size": mine})]

    assert_enqueued(intents, ship, mine, size=mine)
    assert_not_enqueued(intents, ship, other, size=mine)
    with pytest.raises(AssertionError, match="was never enqueued"):
        assert_enqueued(intents, ship, mine, size=other)
