"""What executors that dispatch many intents at once have to await."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from bulk_executor import Bulk, filled

import airlock
from airlock import BulkDispatchError, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airlock import Intent


class Mixed(Bulk):
    """Sends numbers at once; what begins with a letter has to be awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[object] = []
        self.is_closed = False

    def dispatch_many(self, intents: Sequence[Intent]) -> Any:
        try:
            for intent in intents:
                [value] = intent.args
                if isinstance(value, str):
                    yield self._await(value)
                    continue
                self._send([intent])
                yield 1
        finally:
            self.is_closed = True

    async def _await(self, value: str) -> None:
        self.begun.append(value)
        await asyncio.sleep(0)
        if value == "broken":
            raise ConnectionError("broker away")
        self.parts.append([value])


def test_an_async_scope_awaits_it_in_its_turn() -> None:
    """As it does what an executor returns for a single intent."""
    executor = Mixed()

    scope = filled(executor, 1, "a", "b", 2)

    asyncio.run(scope.aflush())

    assert executor.parts == [[1], ["a"], ["b"], [2]]
    assert len(scope.dispatched) == 4


def test_a_plain_scope_refuses_it_and_leaves_nothing_to_await() -> None:
    """A warning that it was never awaited would hide which effect is meant."""
    executor = Mixed()
    scope = filled(executor, 1, "a", 2)

    with pytest.raises(airlock.AsyncDispatchError, match="async with") as caught:
        scope.flush()

    assert executor.parts == [[1]]
    assert (executor.begun, executor.is_closed) == ([], True)
    assert "effect 2 of 3. Dispatched before it: 1." in caught.value.__notes__[0]


def test_one_that_fails_is_the_effect_that_failed() -> None:
    """It counts when it is done, not when it is begun."""
    executor = Mixed()
    scope = filled(executor, 1, "broken", 2)

    with pytest.raises(ConnectionError):
        asyncio.run(scope.aflush())

    outcomes = [fate.outcome for fate in scope.report().fates]
    assert outcomes == [Outcome.DISPATCHED, Outcome.FAILED, Outcome.NOT_ATTEMPTED]
    assert executor.is_closed


@pytest.mark.parametrize("is_async", [False, True])
def test_one_too_many_is_an_error(is_async: bool) -> None:  # noqa: FBT001
    """There is no effect that it could be."""

    class Miscounting(Mixed):
        def dispatch_many(self, intents: Sequence[Intent]) -> Any:
            yield len(intents)
            yield self._await("more")

    scope = filled(executor := Miscounting(), 1, 2)

    with pytest.raises(BulkDispatchError, match="where 0 effects were left"):
        asyncio.run(scope.aflush()) if is_async else scope.flush()

    assert executor.begun == []
    assert len(scope.dispatched) == 2
