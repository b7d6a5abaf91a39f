"""A cancelled flush knows what was queued: no thread can be cancelled."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django_q.signals import pre_enqueue
from parcels import send
from queued_parcels import queued

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)


class Gate:
    """Holds up the thread that queues a task."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def pass_through(self, **_: object) -> None:
        """Wait until the test opens it."""
        self.reached.set()
        assert self.opened.wait(10)

    async def wait(self) -> None:
        """Wait until a thread stands before it."""
        await asyncio.to_thread(self.reached.wait, 10)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Put a gate before the queue."""
    made = Gate()
    pre_enqueue.connect(made.pass_through)
    yield made
    made.opened.set()
    pre_enqueue.disconnect(made.pass_through)


def scope_with(*numbers: int) -> airlock.Scope:
    """Return a scope that is left, with an effect for each number."""
    scope = airlock.scope(executor="django_q").enter()
    for number in numbers:
        airlock.enqueue(send, number)
    scope.exit()
    return scope


def values() -> list[Any]:
    """What is in the queue, in order."""
    return [message["args"][0] for message in queued()]


def numbers(intents: list[airlock.Intent]) -> list[Any]:
    """The argument of each."""
    return [intent.args[0] for intent in intents]


@pytest.mark.parametrize(("count", "cancellations"), [(1, 1), (3, 1), (3, 2)])
def test_a_cancelled_flush_counts_what_is_queued_all_the_same(
    gate: Gate, count: int, cancellations: int
) -> None:
    """And begins nothing after it."""
    scope = scope_with(*range(count))
    went_on: list[str] = []

    async def request() -> None:
        await scope.aflush()
        await asyncio.sleep(0)
        went_on.append("after the flush")

    async def cancel() -> None:
        task = asyncio.create_task(request())
        await gate.wait()
        for _ in range(cancellations):
            task.cancel("gone")
            await asyncio.sleep(0.01)
        assert not task.done()
        gate.opened.set()
        with pytest.raises(asyncio.CancelledError, match="gone"):
            await task
        assert task.cancelled()

    asyncio.run(cancel())

    assert numbers(scope.dispatched) == values() == [0]
    assert numbers(scope.undispatched) == list(range(1, count))
    assert went_on == []


def test_a_deadline_that_ends_with_the_flush_harms_nobody_else(gate: Gate) -> None:
    """What it asked for is done, and it is over."""
    scope = scope_with(1)

    async def request() -> str:
        asyncio.get_running_loop().call_later(0.1, gate.opened.set)
        async with asyncio.timeout(0.01):
            await scope.aflush()
        for _ in range(3):
            await asyncio.sleep(0)
        return "went on"

    assert asyncio.run(request()) == "went on"
    assert numbers(scope.dispatched) == values() == [1]


def test_a_deadline_ends_the_rest_of_its_block(gate: Gate) -> None:
    """It has passed, and what follows the flush is to be stopped."""
    scope = scope_with(1)

    async def request() -> None:
        asyncio.get_running_loop().call_later(0.1, gate.opened.set)
        async with asyncio.timeout(0.01):
            await scope.aflush()
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        asyncio.run(request())
    assert numbers(scope.dispatched) == values() == [1]


def test_what_fails_in_a_cancelled_flush_says_so() -> None:
    """The failure is what happened, and the task is cancelled all the same."""
    reached, opened = threading.Event(), threading.Event()

    def refuse(**_: object) -> None:
        reached.set()
        assert opened.wait(10)
        raise PermissionError

    scope = scope_with(1)

    async def request() -> None:
        with pytest.raises(PermissionError):
            await scope.aflush()
        await asyncio.sleep(10)

    async def cancel() -> None:
        task = asyncio.create_task(request())
        await asyncio.to_thread(reached.wait, 10)
        task.cancel()
        await asyncio.sleep(0.01)
        opened.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    pre_enqueue.connect(refuse)
    try:
        asyncio.run(cancel())
    finally:
        pre_enqueue.disconnect(refuse)
    assert values() == []
    assert numbers(scope.undispatched) == [1]
