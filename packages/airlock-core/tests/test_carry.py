"""`airlock.carry()`: the current scope goes along into a pool of threads."""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from backends import everywhere, pause
from recording import Recorder, record

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backends import Run

CALLS = 200


def test_without_carry_a_pool_has_no_scope() -> None:
    """Threads are isolated unless somebody says otherwise."""
    with airlock.scope(), ThreadPoolExecutor(1) as pool:
        late = pool.submit(airlock.enqueue, record)

    assert type(late.exception()) is airlock.NoScopeError


def test_carried_calls_enqueue_in_the_scope_they_were_carried_from(
    executor: Recorder,
) -> None:
    """Many at once, and each effect arrives exactly once."""
    with airlock.scope(executor=executor), ThreadPoolExecutor(8) as pool:
        work = airlock.carry(partial(airlock.enqueue, record))
        list(pool.map(work, range(CALLS)))

    assert sorted(map(int, map(str, executor.values))) == list(range(CALLS))


def test_local_policies_are_carried_along(executor: Recorder) -> None:
    """A region that silences a loop silences what the loop hands to a pool."""
    with airlock.scope(executor=executor), ThreadPoolExecutor(1) as pool:
        loud = airlock.carry(partial(airlock.enqueue, record))
        with airlock.policy(airlock.DropAll()):
            quiet = airlock.carry(partial(airlock.enqueue, record))
        pool.submit(quiet, "quiet").result()
        pool.submit(loud, "loud").result()

    assert executor.values == ["loud"]


def test_the_pools_thread_is_clean_afterwards() -> None:
    """The next piece of work in it belongs to somebody else.

    Guards against a carry that sets and does not restore.
    """

    def fail() -> None:
        raise LookupError("boom")

    with airlock.scope(), airlock.policy(airlock.DropAll()):
        carried, failing = airlock.carry(airlock.get_current_scope), airlock.carry(fail)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(carried).result()
        with pytest.raises(LookupError):
            pool.submit(failing).result()
        current = pool.submit(airlock.get_current_scope).result()
        unscoped = pool.submit(airlock.enqueue, record).exception()

    assert current is None
    assert type(unscoped) is airlock.NoScopeError


def test_a_thread_keeps_the_scope_it_had_before_the_call() -> None:
    """Each call restores what it found, also where calls cross one another.

    Guards against one place shared by all calls: the first to end would restore
    in its thread what the last to begin had found in another.
    """
    together = Barrier(2)

    def meet() -> Any:
        together.wait()
        inside = airlock.get_current_scope()
        together.wait()
        return inside

    with airlock.scope() as carried_from:
        carried = airlock.carry(meet)

        def work() -> tuple[bool, bool]:
            with airlock.scope() as own:
                inside = carried()
                return inside is carried_from, airlock.get_current_scope() is own

        with ThreadPoolExecutor(2) as pool:
            results = [done.result() for done in [pool.submit(work) for _ in "ab"]]

    assert results == [(True, True)] * 2


def test_a_carried_call_after_the_end_of_the_scope_is_refused(
    executor: Recorder,
) -> None:
    """Nobody would flush its effect; it must not vanish silently."""
    with ThreadPoolExecutor(1) as pool:
        with airlock.scope(executor=executor):
            work = airlock.carry(airlock.enqueue)
        late = pool.submit(work, record, 1)

    assert type(late.exception()) is airlock.ScopeClosedError
    assert executor.intents == []


def test_carrying_outside_of_any_scope_carries_none() -> None:
    """Not the scope of wherever it happens to be called."""
    carried = airlock.carry(airlock.get_current_scope)

    with airlock.scope() as s:
        assert carried() is None
        assert airlock.get_current_scope() is s


@everywhere
def test_a_carried_coroutine_function_keeps_the_scope_while_it_runs(
    run: Run, executor: Recorder
) -> None:
    """Not only while it is called, which runs nothing of it."""

    async def work(number: int) -> object:
        airlock.enqueue(record, number)
        await pause()
        airlock.enqueue(record, -number)
        return airlock.get_current_scope()

    async def main() -> None:
        async with airlock.scope(executor=executor) as s:
            carried = airlock.carry(work)
            async with airlock.scope() as other:
                assert await carried(1) is s
                assert airlock.get_current_scope() is other

    run(main)

    assert executor.values == [1, -1]


def test_a_coroutine_function_is_recognised_inside_a_partial(
    executor: Recorder,
) -> None:
    """Binding its arguments first is how calls are handed over.

    Guards against asking the partial, which is no coroutine function: its body
    would run without the scope.
    """

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        airlock.enqueue(record, number)

    with airlock.scope(executor=executor), ThreadPoolExecutor(1) as pool:
        carried = airlock.carry(partial(work, 1))
        pool.submit(lambda: asyncio.run(carried())).result()

    assert executor.values == [1]


def test_what_is_carried_looks_like_the_function() -> None:
    """Pools and frameworks show names, and ask what kind of function it is."""

    async def work() -> None:
        """Do it."""

    assert inspect.iscoroutinefunction(airlock.carry(work))
    assert not inspect.iscoroutinefunction(airlock.carry(record))
    assert airlock.carry(record).__name__ == "record"
    assert airlock.carry(work).__doc__ == "Do it."


def test_a_place_keeps_what_was_current_between_two_steps(executor: Recorder) -> None:
    """Somebody else's code runs in between, with what was current there."""
    place = airlock.Place()
    with airlock.scope(executor=executor) as around:
        with place:
            scope = airlock.Scope(executor=executor).enter()
            quiet = airlock.policy(airlock.DropAll())
            quiet.__enter__()
        assert airlock.get_current_scope() is around
        with place:
            airlock.enqueue(record, "quiet")
            quiet.__exit__(None, None, None)
            airlock.enqueue(record, "loud")
            scope.exit()
        airlock.enqueue(record, "around")
    scope.flush()

    assert executor.values == ["around", "loud"]


def test_a_place_may_be_entered_in_another_thread(executor: Recorder) -> None:
    """A server iterates where it likes."""
    place = airlock.Place()
    with place:
        scope = airlock.Scope(executor=executor).enter()

    def step() -> airlock.Scope | None:
        with place:
            airlock.enqueue(record, "step")
        return airlock.get_current_scope()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(step).result() is None
    scope.exit()
    scope.flush()

    assert executor.values == ["step"]


def test_what_cannot_be_called_cannot_be_carried() -> None:
    """The error comes where it was passed, and not in a thread."""
    with pytest.raises(airlock.ArgumentError, match="carry got 3"):
        airlock.carry(3)  # type: ignore[arg-type]


def test_a_generator_function_is_not_carried() -> None:
    """Its body runs later, and the remedy is another than for `async def`."""

    def numbers() -> Iterator[int]:
        yield 1

    with pytest.raises(airlock.ArgumentError, match="that iterates the generator"):
        airlock.carry(numbers)()
