"""Cancellation: in the body, during the flush, and in a group of tasks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from backends import everywhere, pause
from recording import ran, record

import airlock
from airlock import Intent, Outcome, Scope

if TYPE_CHECKING:
    from backends import Run

LAST = 3


async def slow(intent: Intent) -> None:
    """Dispatch, but announce the second effect and hang, once, before it has gone."""
    hanging: asyncio.Event = intent.kwargs["hanging"]
    if intent.args == (2,) and not hanging.is_set():
        hanging.set()
        await asyncio.Event().wait()
    ran.append(intent.args[0])


def outcomes(s: Scope) -> list[Outcome]:
    """Return the outcome of each effect, in order."""
    return [fate.outcome for fate in s.report().fates]


def test_a_task_cancelled_in_the_body_sends_nothing() -> None:
    """The work did not come to its end; neither do its effects."""

    async def main() -> Scope:
        s = Scope(executor=slow)
        entered = asyncio.Event()

        async def work() -> None:
            async with s:
                airlock.enqueue(record, 1)
                entered.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await asyncio.wait_for(entered.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return s

    s = asyncio.run(main())

    assert ran == []
    assert outcomes(s) == [Outcome.DISCARDED]


def test_a_task_cancelled_during_the_flush_knows_what_went() -> None:
    """Each effect is in one outcome, and the flush cannot be repeated.

    Guards against a scope that is marked as flushed only after the dispatch: a
    second flush, as a handler of the cancellation might try, would send twice.
    """

    async def main() -> Scope:
        s = Scope(executor=slow)
        hanging = asyncio.Event()

        async def work() -> None:
            async with s:
                for number in range(1, LAST + 1):
                    airlock.enqueue(record, number, hanging=hanging)

        task = asyncio.create_task(work())
        await asyncio.wait_for(hanging.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert "effect 2 of 3" in "".join(caught.value.__notes__)
        with pytest.raises(airlock.ScopeStateError):
            await s.aflush()
        return s

    s = asyncio.run(main())

    assert ran == [1]
    assert outcomes(s) == [Outcome.DISPATCHED, Outcome.FAILED, Outcome.NOT_ATTEMPTED]
    assert [intent.args for intent in s.undispatched] == [(2,), (3,)]


def test_a_failing_sibling_in_a_task_group_discards_the_others() -> None:
    """A group stands or falls together: what was cancelled sends nothing."""
    scopes: list[Scope] = []

    async def waits() -> None:
        async with airlock.scope() as s:
            scopes.append(s)
            airlock.enqueue(record, "waits")
            await asyncio.Event().wait()

    async def fails() -> None:
        async with airlock.scope() as s:
            scopes.append(s)
            airlock.enqueue(record, "fails")
            await asyncio.sleep(0)
            raise LookupError("boom")

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(waits())
            group.create_task(fails())

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(main())

    assert caught.group_contains(LookupError, match="boom")
    assert ran == []
    assert [outcomes(s) for s in scopes] == [[Outcome.DISCARDED]] * 2


def test_a_scope_around_a_task_group_collects_and_ends_after_it() -> None:
    """The tasks inherit the scope; their effects leave when all are done."""

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        airlock.enqueue(record, number)

    async def main() -> None:
        async with airlock.scope(), asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(work(number))

    asyncio.run(main())

    assert sorted(map(str, ran)) == ["0", "1", "2", "3", "4"]


def test_a_scope_around_a_failed_task_group_discards() -> None:
    """The effects of those that succeeded go with the group."""

    async def work(number: int) -> None:
        airlock.enqueue(record, number)
        if number:
            raise LookupError(number)

    async def main() -> None:
        async with airlock.scope(), asyncio.TaskGroup() as group:
            group.create_task(work(0))
            group.create_task(work(1))

    with pytest.raises(ExceptionGroup):
        asyncio.run(main())

    assert ran == []


@everywhere
def test_a_cancelled_anyio_scope_discards(run: Run) -> None:
    """Trio's own exception is a `BaseException` too, and swallowed further out."""
    anyio = pytest.importorskip("anyio", reason="no anyio to cancel with")

    async def main() -> Scope:
        with anyio.CancelScope() as cancelling:
            async with airlock.scope() as s:
                airlock.enqueue(record, 1)
                cancelling.cancel()
                await anyio.sleep_forever()
        return s

    s = run(main)

    assert ran == []
    assert outcomes(s) == [Outcome.DISCARDED]


@everywhere
def test_an_anyio_scope_cancelled_during_the_flush_sends_nothing_twice(
    run: Run,
) -> None:
    """What is awaited is cancelled at its next stop; what follows is not tried."""
    anyio = pytest.importorskip("anyio", reason="no anyio to cancel with")

    async def main() -> Scope:
        with anyio.CancelScope() as cancelling:

            async def executor(intent: Intent) -> None:
                if intent.args == (2,):
                    cancelling.cancel()
                await anyio.lowlevel.checkpoint()
                ran.append(intent.args[0])

            async with airlock.scope(executor=executor) as s:
                for number in range(1, LAST + 1):
                    airlock.enqueue(record, number)
        assert cancelling.cancelled_caught
        return s

    s = run(main)

    assert ran == [1]
    assert outcomes(s) == [Outcome.DISPATCHED, Outcome.FAILED, Outcome.NOT_ATTEMPTED]


@everywhere
def test_tasks_of_one_anyio_group_have_scopes_of_their_own(run: Run) -> None:
    """Neighbours never see one another's effects."""
    anyio = pytest.importorskip("anyio", reason="no anyio to start tasks with")
    seen: dict[int, list[object]] = {}

    async def work(number: int) -> None:
        async with airlock.scope(airlock.DropAll()) as s:
            for _ in range(3):
                airlock.enqueue(record, number)
                await pause()
        seen[number] = [intent.args[0] for intent in s.intents]

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(work, number)

    run(main)

    assert seen == {number: [number] * 3 for number in range(20)}
