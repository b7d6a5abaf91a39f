"""A long-lived process: memory stays flat, and nothing of finished work is left."""

from __future__ import annotations

import asyncio
import gc
import os
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from backends import everywhere, pause
from recording import Recorder, record

import airlock
from airlock import Intent, Scope

if TYPE_CHECKING:
    from collections.abc import Generator

    from backends import Run

IS_THOROUGH = os.environ.get("AIRLOCK_THOROUGH") == "1"
INTENTS = 1_000_000 if IS_THOROUGH else 20_000
TASKS = 1_000
CHAIN = 50_000 if IS_THOROUGH else 1_000
# One forgotten intent per scope would already be far more.
SLACK = 50_000
PER_ROUND = 20


def leave(intent: Intent) -> None:
    """Dispatch, and keep nothing."""
    assert intent.args


def living() -> Counter[str]:
    """Count the scopes and intents that are alive in this process."""
    # Not isinstance(): that asks objects of other tests, which may answer anything.
    kinds = (type(found) for found in gc.get_objects())
    return Counter(kind.__name__ for kind in kinds if issubclass(kind, Scope | Intent))


@pytest.fixture(autouse=True)
def _garbage_of_other_tests_is_gone() -> None:
    gc.collect()


@airlock.scoped(executor=leave)
def stream(count: int) -> Generator[int]:
    """Enqueue between items."""
    for number in range(count):
        airlock.enqueue(record, number)
        yield number


def work(limit: airlock.MaxEffects) -> None:
    """End scopes in each of the ways there are: 20 effects are enqueued."""
    with airlock.scope(limit, executor=leave):
        for number in range(5):
            airlock.enqueue(record, number)
        with airlock.policy(airlock.DropAll()), airlock.scope(executor=leave) as inner:
            airlock.enqueue(record, inner)
        assert inner.report().counts
    with airlock.scope(executor=leave, _cls=airlock.CapturingScope):
        for number in range(3):
            with airlock.scope(executor=leave):
                airlock.enqueue(record, number)
    with pytest.raises(LookupError), airlock.scope():
        airlock.enqueue(record, 1)
        raise LookupError
    with airlock.scope(executor=leave, _cls=airlock.CoalescingScope):
        for _ in range(4):
            airlock.enqueue(record, "same")
    assert len(list(stream(3))) == 3
    next(unfinished := stream(3))
    unfinished.close()
    s = Scope(executor=leave).enter()
    airlock.enqueue(record, s)
    s.exit()
    s.discard()
    with airlock.scope(executor=leave):
        airlock.enqueue(record, airlock.carry(record))


def test_memory_stays_flat_and_nothing_is_left() -> None:
    """A worker serves for weeks; what one request leaves behind adds up.

    Guards against anything global that holds on to scopes: a list of all of them,
    a closed one that stays current, counts kept by their policy.
    """
    limit = airlock.MaxEffects(100)
    before = living()
    tracemalloc.start()
    try:
        for _ in range(50):
            work(limit)
        gc.collect()
        warm, _ = tracemalloc.get_traced_memory()
        for _ in range(INTENTS // PER_ROUND):
            work(limit)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - warm
    finally:
        tracemalloc.stop()

    assert grown < SLACK
    assert living() - before == Counter()


def test_a_scope_is_freed_without_the_garbage_collector() -> None:
    """Services that switch it off for speed must not run out of memory.

    Guards against a scope that refers to itself, as through its own methods.
    """
    before = living()
    gc.disable()
    try:
        for _ in range(100):
            with airlock.scope(executor=leave), airlock.scope(executor=leave) as s:
                airlock.enqueue(record, 1)
        del s
        left = living() - before
    finally:
        gc.enable()

    assert left == Counter()


@everywhere
def test_a_thousand_tasks_have_a_scope_each(run: Run) -> None:
    """No task sees an effect of another, however they interleave."""
    anyio = pytest.importorskip("anyio", reason="no anyio to start tasks with")
    before = living()
    wrong: list[object] = []

    async def task(number: int) -> None:
        executor = Recorder()
        async with airlock.scope(executor=executor) as s:
            for item in range(3):
                airlock.enqueue(record, (number, item))
                await pause()
                if airlock.get_current_scope() is not s:
                    wrong.append(number)
        if executor.values != [(number, item) for item in range(3)]:
            wrong.append(executor.values)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for number in range(TASKS):
                group.start_soon(task, number)

    run(main)
    gc.collect()

    assert wrong == []
    assert living() - before == Counter()


def test_tasks_that_start_one_another_do_not_pile_up_scopes() -> None:
    """A poller that starts its successor in its own scope runs for ever.

    Guards against a closed scope that stays the parent of those opened in it: then
    each keeps all before it alive.
    """
    most: Counter[str] = Counter()
    before = living()

    async def link(number: int, done: asyncio.Future[None]) -> None:
        async with airlock.scope(executor=leave):
            airlock.enqueue(record, number)
            if number == 0:
                gc.collect()
                most.update(living() - before)
                done.set_result(None)
                return
            following = asyncio.create_task(link(number - 1, done))
            following.add_done_callback(lambda task: task.result())

    async def main() -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        first = asyncio.create_task(link(CHAIN, done))
        await done
        await first

    asyncio.run(main())
    gc.collect()

    assert most["Scope"] <= 5
    assert living() - before == Counter()
