"""What `scoped()` and `carry()` do with callables that do not look async."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, record

import airlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Awaited:
    """An object that is called like a coroutine function."""

    async def __call__(self) -> None:
        """Enqueue, then fail."""
        airlock.enqueue(record, "inner")
        raise ValueError("boom")


class Holder:
    """Has a static coroutine function, decorated from the outside."""

    @staticmethod
    async def send() -> None:
        """Enqueue, then fail."""
        airlock.enqueue(record, "inner")
        raise ValueError("boom")


def hidden() -> Any:
    """Return a coroutine, without being a coroutine function."""
    return Awaited()()


def numbers() -> Iterator[int]:
    """Be a generator function."""
    yield 1


@pytest.mark.parametrize("task", [Awaited(), vars(Holder)["send"]])
def test_every_coroutine_function_keeps_its_scope(
    task: Callable[[], Any], executor: Recorder
) -> None:
    """The failing body's effect is discarded, and does not slip further out."""
    outside = Recorder()

    async def main() -> None:
        async with airlock.scope(executor=outside):
            with pytest.raises(ValueError, match="boom"):
                await airlock.scoped(executor=executor)(task)()

    asyncio.run(main())

    assert outside.intents == executor.intents == []


def test_a_function_that_returns_a_coroutine_cannot_be_scoped() -> None:
    """Its body would run when the scope has ended."""

    @functools.wraps(hidden)
    def wrapper() -> Any:
        return hidden()

    with pytest.raises(airlock.ArgumentError, match="returned coroutine"):
        airlock.scoped()(wrapper)()


def test_a_generator_function_cannot_be_carried() -> None:
    """Its body would run where the carried scope is not current."""
    with (
        airlock.scope(),
        pytest.raises(airlock.ArgumentError, match="returned generator"),
    ):
        airlock.carry(numbers)()
