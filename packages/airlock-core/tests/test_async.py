"""`async with airlock.scope()`: what the executor returns is awaited, in order."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from backends import everywhere, pause
from recording import Recorder, ran, record

import airlock
from airlock import Intent, Outcome, Scope

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from backends import Run


async def send(value: object) -> None:
    """Record when it begins and ends, so that overlapping calls would show."""
    ran.append(("begins", value))
    await pause()
    ran.append(("ends", value))


async def queue(intent: Intent) -> None:
    """Dispatch as an executor does that speaks to its broker asynchronously."""
    await pause()
    ran.append(intent.args[0])


@everywhere
def test_each_coroutine_task_ends_before_the_next_one_begins(run: Run) -> None:
    """Effects leave in the order they arrived, also those that take a while."""

    async def main() -> None:
        async with airlock.scope():
            for number in (1, 2, 3):
                airlock.enqueue(send, number)
            assert ran == []

    run(main)

    assert ran == [(verb, n) for n in (1, 2, 3) for verb in ("begins", "ends")]


@everywhere
def test_plain_and_coroutine_tasks_keep_their_common_order(run: Run) -> None:
    """A scope holds both kinds; neither overtakes the other."""

    async def main() -> None:
        async with airlock.scope():
            airlock.enqueue(record, "first")
            airlock.enqueue(send, "second")
            airlock.enqueue(record, "third")

    run(main)

    assert ran == ["first", ("begins", "second"), ("ends", "second"), "third"]


@everywhere
def test_what_an_asynchronous_executor_returns_is_awaited(run: Run) -> None:
    """A message that was never awaited was never sent."""

    async def main() -> Scope:
        async with airlock.scope(executor=queue) as s:
            for number in range(5):
                airlock.enqueue(record, number)
        return s

    s = run(main)

    assert ran == [0, 1, 2, 3, 4]
    assert s.report().counts == {Outcome.DISPATCHED: 5}


@everywhere
def test_a_plain_executor_works_in_an_async_scope(run: Run, executor: Recorder) -> None:
    """Most queues are synchronous, and most applications use both kinds of code."""

    async def main() -> None:
        async with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)

    run(main)

    assert executor.values == [1]


@everywhere
def test_a_body_that_raises_sends_nothing(run: Run) -> None:
    """As in a plain scope; the error arrives unchanged."""
    scopes: list[Scope] = []

    async def main() -> None:
        async with airlock.scope(executor=queue) as s:
            scopes.append(s)
            airlock.enqueue(record, 1)
            await pause()
            raise LookupError("boom")

    with pytest.raises(LookupError, match="boom"):
        run(main)

    assert ran == []
    assert scopes[0].report().counts == {Outcome.DISCARDED: 1}


@everywhere
def test_the_policy_judges_before_anything_is_awaited(run: Run) -> None:
    """What is blocked never becomes a coroutine that somebody must close."""

    async def main() -> None:
        async with airlock.scope(airlock.BlockTasks([send])):
            airlock.enqueue(send, 1)
            airlock.enqueue(record, 2)

    run(main)
    gc.collect()

    assert ran == [2]


@everywhere
def test_aflush_by_hand_awaits_too(run: Run) -> None:
    """Integrations end a scope elsewhere than at the end of a block."""

    async def main() -> tuple[list[Intent], list[Intent]]:
        s = Scope(executor=queue).enter()
        airlock.enqueue(record, 1)
        s.exit()
        left = await s.aflush()
        with pytest.raises(airlock.ScopeStateError, match="already flushed"):
            await s.aflush()
        return left, s.intents

    left, intents = run(main)

    assert left == intents
    assert ran == [1]


@everywhere
def test_an_asynchronous_failure_ends_the_flush_and_is_accounted(run: Run) -> None:
    """Known apart: what went, what failed, and what was not tried."""

    async def broken(intent: Intent) -> None:
        await pause()
        if intent.args == (2,):
            raise ConnectionError("broker away")

    scopes: list[Scope] = []

    async def main() -> None:
        async with airlock.scope(executor=broken) as s:
            scopes.append(s)
            for number in (1, 2, 3):
                airlock.enqueue(record, number)

    with pytest.raises(ConnectionError, match="broker away") as caught:
        run(main)

    assert "effect 2 of 3" in caught.value.__notes__[0]
    assert [fate.outcome for fate in scopes[0].report().fates] == [
        Outcome.DISPATCHED,
        Outcome.FAILED,
        Outcome.NOT_ATTEMPTED,
    ]


@everywhere
def test_a_task_may_use_scopes_of_its_own_while_it_is_dispatched(run: Run) -> None:
    """A task run in place is ordinary code; its scope has ended by then."""

    async def outer() -> None:
        assert airlock.get_current_scope() is None
        async with airlock.scope():
            airlock.enqueue(send, "inner")

    async def main() -> None:
        async with airlock.scope():
            airlock.enqueue(outer)
            airlock.enqueue(record, "after")

    run(main)

    assert ran == [("begins", "inner"), ("ends", "inner"), "after"]


class Ticket:
    """An awaitable that is no coroutine, as many clients return."""

    def __init__(self) -> None:
        self.is_cancelled = False

    def __await__(self) -> object:
        """Be awaitable."""
        raise AssertionError

    def cancel(self) -> None:
        """Be asked not to go on."""
        self.is_cancelled = True


def test_a_plain_scope_refuses_a_coroutine_task_and_stops_there() -> None:
    """Nobody would await it; what comes later must not overtake it.

    Warnings are errors here: a coroutine that was never awaited fails the test.
    """
    with pytest.raises(airlock.AsyncDispatchError) as caught, airlock.scope() as s:
        airlock.enqueue(record, "before")
        airlock.enqueue(send, 1)
        airlock.enqueue(record, "after")
    gc.collect()

    assert "test_async:send" in str(caught.value)
    assert "async with airlock.scope()" in str(caught.value)
    assert ran == ["before"]
    assert [fate.outcome for fate in s.report().fates] == [
        Outcome.DISPATCHED,
        Outcome.FAILED,
        Outcome.NOT_ATTEMPTED,
    ]


def test_a_plain_scope_refuses_an_asynchronous_executor() -> None:
    """The same mistake, made once for all tasks."""
    with (
        pytest.raises(airlock.AsyncDispatchError, match="recording:record"),
        airlock.scope(executor=queue),
    ):
        airlock.enqueue(record, 1)
    gc.collect()

    assert ran == []


def test_a_plain_scope_cancels_an_awaitable_that_cannot_be_closed() -> None:
    """A future would otherwise go on after the error said it did not happen."""
    ticket = Ticket()

    def executor(intent: Intent) -> Awaitable[object]:
        del intent
        return ticket  # type: ignore[return-value]

    with pytest.raises(airlock.AsyncDispatchError), airlock.scope(executor=executor):
        airlock.enqueue(record, 1)

    assert ticket.is_cancelled


@everywhere
def test_a_plain_scope_inside_a_running_loop_refuses_a_coroutine(run: Run) -> None:
    """`with` where `async with` was meant is the likeliest mistake of all."""

    async def main() -> None:
        with airlock.scope():
            airlock.enqueue(send, 1)

    with pytest.raises(airlock.AsyncDispatchError, match="async with"):
        run(main)
    gc.collect()

    assert ran == []


@everywhere
def test_what_else_an_executor_returns_is_ignored_in_an_async_scope_too(
    run: Run,
) -> None:
    """A queue's handle, such as the id of a message."""

    async def main() -> airlock.Scope:
        async with airlock.scope(executor=lambda _: "message 17") as s:
            airlock.enqueue(record)
        return s

    s = run(main)

    assert s.dispatched == s.intents
