"""`scoped()` on async generators: the scope is current only while the body runs."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from backends import everywhere, pause
from recording import Recorder, ran, record

import airlock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from backends import Run

    Stream: TypeAlias = AsyncGenerator[object, object]


async def send(value: object) -> None:
    """Need to be awaited."""
    await pause()
    ran.append(value)


@airlock.scoped()
async def numbers() -> AsyncGenerator[int]:
    """Enqueue before each item, and after the last."""
    for number in (1, 2):
        airlock.enqueue(send, number)
        await pause()
        yield number
    airlock.enqueue(record, "end")


@everywhere
def test_an_async_generator_flushes_when_its_body_ends(run: Run) -> None:
    """Its items are out before its effects, which are awaited."""

    async def main() -> None:
        running = numbers()
        assert [await anext(running), await anext(running)] == [1, 2]
        assert ran == []
        assert await anext(running, "ended") == "ended"

    run(main)

    assert ran == [1, 2, "end"]


@everywhere
def test_the_consumer_keeps_its_own_scope_between_items(
    run: Run, executor: Recorder
) -> None:
    """Its effects must not land in the buffer of what it iterates.

    Guards against a scope that merely surrounds the body: then it stays current
    in the code that iterates.
    """

    async def main() -> None:
        async with airlock.scope(executor=executor) as mine:
            async for number in numbers():
                assert airlock.get_current_scope() is mine
                airlock.enqueue(record, -number)

    run(main)

    assert executor.values == [-1, -2]
    assert ran == [1, 2, "end"]


@everywhere
def test_local_policies_of_body_and_consumer_are_kept_apart(run: Run) -> None:
    """A region that is open on one side of a `yield` says nothing of the other."""

    @airlock.scoped()
    async def quiet() -> AsyncGenerator[str]:
        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(record, "dropped")
            yield "inside"
            airlock.enqueue(record, "dropped too")
        airlock.enqueue(record, "sent")
        yield "outside"

    async def main() -> None:
        running = quiet()
        async with airlock.scope():
            await anext(running)
            airlock.enqueue(record, "consumer")
            with airlock.policy(airlock.DropAll()):
                await anext(running)
            assert await anext(running, None) is None

    run(main)

    assert ran == ["sent", "consumer"]


def test_each_step_may_happen_in_a_task_of_its_own() -> None:
    """Fixtures are set up in one task and torn down in another.

    Guards against `Token.reset`, which fails in a context that is not its own.
    """

    async def main() -> list[object]:
        running = numbers()

        async def step() -> object:
            return await anext(running, None)

        items = [await asyncio.create_task(step()) for _ in range(3)]
        assert airlock.get_current_scope() is None
        return items

    assert asyncio.run(main()) == [1, 2, None]
    assert ran == [1, 2, "end"]


@everywhere
def test_an_async_generator_closed_early_discards(run: Run) -> None:
    """The work did not come to its end."""

    async def main() -> None:
        async with aclosing(numbers()) as running:
            await anext(running)
        assert airlock.get_current_scope() is None

    run(main)

    assert ran == []


@everywhere
def test_an_async_generator_that_raises_discards_and_raises_the_same(
    run: Run,
) -> None:
    """As a `with` block does."""

    @airlock.scoped()
    async def failing() -> AsyncGenerator[int]:
        airlock.enqueue(record, 1)
        yield 1
        raise LookupError("boom")

    async def main() -> None:
        running = failing()
        await anext(running)
        await anext(running)

    with pytest.raises(LookupError, match="boom"):
        run(main)

    assert ran == []


def test_an_async_generator_cancelled_inside_discards() -> None:
    """A consumer that gives up cancels the body in the middle of a step."""

    @airlock.scoped()
    async def hanging() -> AsyncGenerator[int]:
        airlock.enqueue(record, 1)
        yield 1
        await asyncio.Event().wait()

    async def main() -> None:
        async with asyncio.timeout(0):
            async for _ in hanging():
                pass
        assert airlock.get_current_scope() is None

    with pytest.raises(TimeoutError):
        asyncio.run(main())

    assert ran == []


def test_a_loop_that_shuts_down_closes_an_unfinished_generator_once() -> None:
    """Nobody closed it, and its cleanup takes a while.

    Guards against an inner generator that the loop knows too: it would close both
    at once, and report that one of them is already running.
    """
    problems: list[object] = []
    kept: list[object] = []

    @airlock.scoped()
    async def slow() -> AsyncGenerator[int]:
        airlock.enqueue(record, 1)
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            kept.append("cleaned up")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: problems.append(context))
        running = slow()
        kept.append(running)
        await anext(running)

    asyncio.run(main())

    assert problems == []
    assert kept[1:] == ["cleaned up"]
    assert ran == []


async def talk() -> Stream:
    """Answer what is sent, tell what was thrown, and clean up when closed."""
    heard: list[object] = []
    try:
        while True:
            try:
                heard.append((yield tuple(heard)))
            except ValueError as error:
                heard.append(repr(error))
            if heard[-1] == "stop":
                return
    finally:
        await pause()
        ran.append("cleaned up")


async def sends(g: Stream) -> object:
    """Send twice, then have it end."""
    said = [await anext(g), await g.asend(1), await g.asend(None)]
    with pytest.raises(StopAsyncIteration):
        await g.asend("stop")
    return said, await anext(g, "ended")


async def throws(g: Stream) -> object:
    """Throw what the body handles, then what it does not."""
    said = [await anext(g), await g.athrow(ValueError("handled"))]
    with pytest.raises(LookupError) as caught:
        await g.athrow(LookupError("not handled"))
    return said, repr(caught.value), await anext(g, "ended")


async def closes(g: Stream) -> object:
    """Close twice, then ask for more."""
    first: Any = await anext(g)
    await g.aclose()
    await g.aclose()
    return first, await anext(g, "ended")


@everywhere
@pytest.mark.parametrize("use", [sends, throws, closes])
def test_a_decorated_async_generator_behaves_as_the_undecorated_one(
    run: Run, use: Callable[[Stream], Awaitable[object]]
) -> None:
    """asend, athrow and aclose all pass through."""

    async def main() -> None:
        decorated = await use(airlock.scoped()(talk)()), tuple(ran)
        ran.clear()
        assert decorated == (await use(talk()), tuple(ran))

    run(main)


def test_a_decorated_async_generator_is_told_to_be_one() -> None:
    """Frameworks ask `inspect` how to treat a function."""
    assert inspect.isasyncgenfunction(numbers)
    assert numbers.__name__ == "numbers"
