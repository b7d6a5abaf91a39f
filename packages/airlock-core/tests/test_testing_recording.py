"""The recording executor: what it keeps, and when it fails."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from recording import ran, record

import airlock
from airlock import Intent
from airlock.testing import AsyncRecordingExecutor, RecordingExecutor


def enqueue_three(executor: Any) -> airlock.Scope:
    """Enqueue three effects, and return the scope; its failure is swallowed."""
    scope = airlock.Scope(executor=executor)
    try:
        with scope:
            airlock.enqueue(record, 1)
            airlock.enqueue(print, 2)
            airlock.enqueue(record, 3)
    except ConnectionError:
        pass
    return scope


def test_intents_are_kept_in_order_and_nothing_runs() -> None:
    """A test looks at what would have left."""
    executor = RecordingExecutor()

    scope = enqueue_three(executor)

    assert executor.intents == scope.intents
    assert ran == []


def test_what_a_policy_blocks_does_not_reach_it() -> None:
    """`scope.intents` has what was enqueued, this has what left."""
    executor = RecordingExecutor()

    with airlock.scope(airlock.BlockTasks([record]), executor=executor):
        airlock.enqueue(record, 1)
        airlock.enqueue(print, 2)

    assert [intent.task for intent in executor.intents] == [print]


def test_it_can_be_the_default_of_the_process() -> None:
    """Code under test opens its own scopes."""
    executor = RecordingExecutor()

    with airlock.configure(executor=executor), airlock.scope():
        airlock.enqueue(record, 1)

    assert [intent.args for intent in executor.intents] == [(1,)]


def test_the_list_of_intents_is_a_copy() -> None:
    """A test may sort it."""
    executor = RecordingExecutor()
    enqueue_three(executor)

    executor.intents.clear()

    assert len(executor.intents) == 3


def test_it_fails_at_one_dispatch_and_recovers() -> None:
    """As a broker does that was away for a moment."""
    executor = RecordingExecutor(fail_at=2)

    scope = enqueue_three(executor)
    enqueue_three(executor)

    assert [intent.args for intent in scope.dispatched] == [(1,)]
    assert [intent.args for intent in scope.undispatched] == [(2,), (3,)]
    assert [intent.args[0] for intent in executor.intents] == [1, 1, 2, 3]


@pytest.mark.parametrize("task", [print, "print", "builtins:print"])
def test_it_fails_for_a_task(task: object) -> None:
    """Each time: that queue is gone."""
    executor = RecordingExecutor(fail_for=task)

    enqueue_three(executor)
    enqueue_three(executor)

    assert [intent.args[0] for intent in executor.intents] == [1, 1]


def test_the_error_is_chosen_and_tells_that_it_was_asked_for() -> None:
    """A new one each time: notes of one flush must not stick to the next."""
    executor = RecordingExecutor(fail_for=record, error=TimeoutError)
    errors = []

    for _ in range(2):
        with pytest.raises(TimeoutError) as caught, airlock.scope(executor=executor):
            airlock.enqueue(record, 1)
        errors.append(caught.value)

    assert str(errors[1]) == (
        "RecordingExecutor was told to fail: dispatch 2, recording:record"
    )
    assert [len(error.__notes__) for error in errors] == [1, 1]


@pytest.mark.parametrize("wrong", [{"fail_at": 0}, {"fail_at": -1}, {"fail_for": 7}])
def test_a_failure_that_would_never_come_is_refused(wrong: dict[str, Any]) -> None:
    """A test of the failure would pass without one."""
    with pytest.raises(airlock.ArgumentError):
        RecordingExecutor(**wrong)


def test_many_threads_share_one() -> None:
    """A count that is lost would move the failure."""
    executor = RecordingExecutor(fail_at=400)

    def dispatch(number: int) -> bool:
        try:
            executor(Intent(record, (number,)))
        except ConnectionError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(dispatch, range(800)))

    assert kept.count(False) == 1
    assert len(executor.intents) == 799


def test_the_async_one_keeps_when_it_is_awaited() -> None:
    """What was never awaited did not happen."""
    executor = AsyncRecordingExecutor()

    async def request() -> None:
        async with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)
            airlock.enqueue(record, 2)

    asyncio.run(request())
    with pytest.raises(airlock.AsyncDispatchError), airlock.scope(executor=executor):
        airlock.enqueue(record, 3)

    assert [intent.args for intent in executor.intents] == [(1,), (2,)]


def test_the_async_one_fails_as_it_is_told() -> None:
    """In its own name."""
    executor = AsyncRecordingExecutor(fail_at=1)

    async def request() -> None:
        async with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)

    with pytest.raises(ConnectionError, match="AsyncRecordingExecutor"):
        asyncio.run(request())
    assert executor.intents == []
