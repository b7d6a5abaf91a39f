"""`scoped()` on coroutine functions."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

import pytest
from backends import everywhere, pause
from recording import Recorder, ran, record

import airlock

if TYPE_CHECKING:
    from backends import Run


async def send(value: object) -> None:
    """Need to be awaited."""
    await pause()
    ran.append(value)


@airlock.scoped()
async def handle(number: int) -> int:
    """Enqueue around a pause."""
    airlock.enqueue(send, number)
    await pause()
    airlock.enqueue(record, -number)
    return number * 2


@everywhere
def test_a_coroutine_function_flushes_when_its_body_ends(run: Run) -> None:
    """The scope is there while the body runs, not while it is only called.

    Guards against a plain wrapper: its scope would end before the body began.
    """

    async def main() -> int:
        waiting = handle(1)
        assert airlock.get_current_scope() is None
        return await waiting

    assert run(main) == 2
    assert ran == [1, -1]


@everywhere
def test_a_coroutine_function_that_raises_discards(run: Run) -> None:
    """As a `with` block does; the error arrives unchanged."""

    @airlock.scoped()
    async def failing() -> None:
        airlock.enqueue(record, 1)
        await pause()
        raise LookupError("boom")

    with pytest.raises(LookupError, match="boom"):
        run(failing)

    assert ran == []


@everywhere
def test_the_callers_scope_is_current_again_afterwards(
    run: Run, executor: Recorder
) -> None:
    """The inner boundary flushes at its own end, the outer one at its."""

    async def main() -> None:
        async with airlock.scope(executor=executor) as mine:
            airlock.enqueue(record, "before")
            await handle(1)
            assert airlock.get_current_scope() is mine
            airlock.enqueue(record, "after")

    run(main)

    assert ran == [1, -1]
    assert executor.values == ["before", "after"]


def test_calls_at_once_have_a_scope_each() -> None:
    """One decorated function serves all requests."""

    async def main() -> list[int]:
        return await asyncio.gather(*map(handle, range(20)))

    assert asyncio.run(main()) == [number * 2 for number in range(20)]
    # Compared as texts, because 0 and -0 are one number.
    assert sorted(map(str, ran)) == sorted(
        str(value) for number in range(20) for value in (number, -number)
    )


def test_a_decorated_coroutine_function_is_told_to_be_one() -> None:
    """Frameworks ask `inspect` how to treat a function."""
    assert inspect.iscoroutinefunction(handle)
    assert handle.__name__ == "handle"


class Service:
    """Something with methods."""

    @airlock.scoped()
    async def serve(self, *, number: int) -> Service:
        """Be a decorated method."""
        airlock.enqueue(record, number)
        return self


def test_a_coroutine_method_may_be_decorated() -> None:
    """It is bound to its object as before."""
    service = Service()

    assert asyncio.run(service.serve(number=3)) is service
    assert ran == [3]
