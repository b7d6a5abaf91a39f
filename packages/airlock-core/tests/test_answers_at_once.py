"""Overrides that answer with something to await, where nothing awaits it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, record

import airlock
from airlock import ArgumentError, Intent, Outcome, Scope

if TYPE_CHECKING:
    from collections.abc import Awaitable


def test_a_dispatch_that_only_makes_a_coroutine_is_an_error() -> None:
    """Nobody would await it: the effects would be lost, and told as dispatched."""

    class Delegating(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> Any:
            return self._later(intents)

        async def _later(self, intents: list[Intent]) -> None:
            raise AssertionError(intents)

    async def main() -> Scope:
        with pytest.raises(ArgumentError, match="_dispatch_all"):
            async with airlock.scope(_cls=Delegating) as s:
                airlock.enqueue(record, 1)
        return s

    assert asyncio.run(main()).report().counts == {Outcome.FAILED: 1}


def test_a_decision_that_only_makes_a_coroutine_discards(executor: Recorder) -> None:
    """A coroutine counts as true: the effects of a failed block would leave."""

    class Delegating(Scope):
        def should_flush(self, error: BaseException | None) -> Any:
            return self._later(error)

        async def _later(self, error: BaseException | None) -> bool:
            return error is None

    with (
        pytest.raises(ArgumentError, match="should_flush"),
        airlock.scope(executor=executor, _cls=Delegating) as s,
    ):
        airlock.enqueue(record, 1)
        raise LookupError

    assert s.is_discarded
    assert executor.values == []


def test_a_coroutine_function_of_a_mixin_is_refused_too() -> None:
    """The class of the scope itself need not define it."""

    class Mixin:
        async def should_flush(self, error: BaseException | None) -> bool:
            raise AssertionError(error)

    with pytest.raises(ArgumentError, match="should_flush"):

        class Mixed(Mixin, Scope):  # type: ignore[misc]
            """A scope with a coroutine function from elsewhere."""


def test_a_scope_that_dispatches_in_async_code_alone_is_not_flushed_elsewhere(
    executor: Recorder,
) -> None:
    """What it holds back or records must not be passed by for a missing `async`."""

    class Held(Scope):
        async def _adispatch_all(self, intents: list[Intent]) -> None:
            del intents

    scope = Held(executor=executor).enter()
    airlock.enqueue(record, 1)
    scope.exit()
    with pytest.raises(ArgumentError, match="override `_dispatch_all`"):
        scope.flush()

    asyncio.run(scope.aflush())
    assert executor.values == []


def test_a_subclass_may_wait_in_a_plain_flush() -> None:
    """As where the flush runs in a thread, and a loop in another one."""
    done: list[str] = []

    async def note(value: str) -> None:
        await asyncio.sleep(0)
        done.append(value)

    class Waiting(Scope):
        def _await_dispatch(self, intent: Intent, awaitable: Awaitable[object]) -> None:
            del intent

            async def wait() -> None:
                await awaitable

            asyncio.run(wait())

    with airlock.scope(_cls=Waiting):
        airlock.enqueue(note, "rye")

    assert done == ["rye"]


def test_what_would_have_to_be_awaited_is_refused_there_too() -> None:
    """Nobody would await it, and the effect would be lost."""

    async def send(intent: Intent) -> None:
        del intent

    class Outbox(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            for intent in intents:
                airlock._execute(intent)

    with (
        pytest.raises(airlock.AsyncDispatchError, match="async with"),
        airlock.scope(_cls=Outbox, executor=send) as s,
    ):
        airlock.enqueue(record)

    assert s.report().counts == {Outcome.FAILED: 1}


def test_a_policy_that_observes_by_a_coroutine_keeps_the_effect_out(
    executor: Recorder,
) -> None:
    """What it was to do would never be done: a limit of its own would not hold."""

    class Watching(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> Any:
            return self._later(intent)

        async def _later(self, intent: Intent) -> None:
            raise AssertionError(intent)

    with (
        airlock.scope(Watching(), executor=executor) as s,
        pytest.raises(ArgumentError, match=r"Watching.on_enqueue\(\) returned"),
    ):
        airlock.enqueue(record, 1)

    assert s.intents == []


def test_what_a_policy_returns_when_it_observes_means_nothing(
    executor: Recorder,
) -> None:
    """Only what would have to be awaited is refused."""

    class Counting(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> Any:
            return len(intent.args)

    with airlock.scope(Counting(), executor=executor):
        airlock.enqueue(record, 1)

    assert executor.values == [1]


def test_a_scope_with_a_flush_of_its_own_is_not_flushed_in_async_code(
    executor: Recorder,
) -> None:
    """What the override does would be passed by for an `async`."""

    class Noting(Scope):
        def flush(self) -> list[Intent]:
            notes.append("flush")
            return super().flush()

    notes: list[str] = []
    scope = Noting(executor=executor).enter()
    airlock.enqueue(record, 1)
    scope.exit()
    with pytest.raises(ArgumentError, match="override `aflush` as well"):
        asyncio.run(scope.aflush())

    scope.flush()
    assert (notes, executor.values) == (["flush"], [1])


def test_a_scope_with_both_flushes_of_its_own_may_be_used_everywhere(
    executor: Recorder,
) -> None:
    """Each is called where it belongs."""

    class Noting(Scope):
        def flush(self) -> list[Intent]:
            notes.append("flush")
            return super().flush()

        async def aflush(self) -> list[Intent]:
            notes.append("aflush")
            return await super().aflush()

    async def main() -> None:
        async with airlock.scope(executor=executor, _cls=Noting):
            airlock.enqueue(record, 1)

    notes: list[str] = []
    asyncio.run(main())
    with airlock.scope(executor=executor, _cls=Noting):
        airlock.enqueue(record, 2)

    assert (notes, executor.values) == (["aflush", "flush"], [1, 2])
