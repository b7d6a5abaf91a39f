"""Tasks started inside a scope or a policy, which inherit it and may outlive it."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from recording import Recorder, ran, record

import airlock
from airlock import Intent, Scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


def test_a_child_task_enqueues_in_the_scope_it_was_started_in() -> None:
    """It belongs to the work, as long as the work waits for it."""

    async def child() -> None:
        airlock.enqueue(record, "child")

    async def main() -> None:
        async with airlock.scope():
            await asyncio.create_task(child())
            airlock.enqueue(record, "parent")

    asyncio.run(main())

    assert ran == ["child", "parent"]


def test_a_child_task_that_outlives_its_scope_gets_an_error() -> None:
    """Its effect would be buffered where nobody flushes any more.

    Guards against a scope that accepts after its end, and against one that passes
    the effect on to a scope further out, which never asked for it.
    """

    async def main() -> None:
        is_over = asyncio.Event()

        async def late() -> None:
            await is_over.wait()
            assert airlock.get_current_scope() is None
            airlock.enqueue(record, "late")

        async with airlock.scope() as outer:
            async with airlock.scope():
                child = asyncio.create_task(late())
            is_over.set()
            with pytest.raises(airlock.ScopeClosedError):
                await child
        assert outer.intents == []

    asyncio.run(main())

    assert ran == []


def test_a_child_task_may_work_in_a_scope_of_its_own() -> None:
    """As the error advises; its scope outlives the one it was started in."""

    async def main() -> None:
        is_over = asyncio.Event()

        async def late() -> None:
            async with airlock.scope():
                airlock.enqueue(record, "before")
                await is_over.wait()
                airlock.enqueue(record, "after")

        async with airlock.scope():
            child = asyncio.create_task(late())
            await asyncio.sleep(0)
            airlock.enqueue(record, "parent")
        is_over.set()
        await child

    asyncio.run(main())

    assert ran == ["parent", "before", "after"]


def test_a_scope_may_be_torn_down_in_another_task(executor: Recorder) -> None:
    """Async fixtures and lifespans end in a task that did not begin them.

    Guards against `Token.reset`, which raises ValueError there.
    """

    @asynccontextmanager
    async def boundary() -> AsyncIterator[Scope]:
        async with airlock.scope(executor=executor) as s:
            airlock.enqueue(record, 1)
            yield s

    async def main() -> None:
        manager = boundary()
        s = await asyncio.create_task(manager.__aenter__())
        assert airlock.get_current_scope() is None
        await asyncio.create_task(manager.__aexit__(None, None, None))
        assert s.is_flushed

    asyncio.run(main())

    assert executor.values == [1]


def test_a_region_may_be_torn_down_in_another_task(executor: Recorder) -> None:
    """It ends nothing there, and nothing of it stays behind."""

    async def main() -> None:
        region = airlock.policy(airlock.DropAll())

        async def begin() -> None:
            region.__enter__()

        async def end() -> None:
            region.__exit__(None, None, None)

        await asyncio.create_task(begin())
        await asyncio.create_task(end())
        async with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)

    asyncio.run(main())

    assert executor.values == [1]


class Starting(airlock.Policy):
    """A policy whose hook starts a task, as a client may at its first use."""

    def __init__(self, work: Callable[[], object], hook: str) -> None:
        self._work = work
        self._hook = hook
        self.tasks: list[asyncio.Task[None]] = []

    def on_enqueue(self, intent: Intent) -> None:
        """Start the task here, if told so."""
        del intent
        if self._hook == "on_enqueue":
            self._start()

    def allows(self, intent: Intent) -> bool:
        """Start the task here, if told so."""
        del intent
        if self._hook == "allows":
            self._start()
        return True

    def _start(self) -> None:
        async def task() -> None:
            await asyncio.sleep(0)
            self._work()

        self.tasks.append(asyncio.get_running_loop().create_task(task()))


@pytest.mark.parametrize("hook", ["on_enqueue", "allows"])
def test_a_task_started_by_a_policy_is_no_policy(hook: str, executor: Recorder) -> None:
    """It runs later, on its own: then it may open scopes and enqueue.

    Guards against an "inside a policy" that the task inherits for good: a client's
    background task, started at its first use, would be refused for ever.
    """

    def work() -> None:
        with airlock.scope(executor=executor):
            airlock.enqueue(record, "from the task")

    async def main() -> None:
        policy = Starting(work, hook)
        async with airlock.scope(policy):
            airlock.enqueue(record, "from the body")
        await asyncio.gather(*policy.tasks)

    asyncio.run(main())

    assert ran == ["from the body"]
    assert executor.values == ["from the task"]


def test_a_task_started_by_a_policy_that_a_policy_asks_is_no_policy_either(
    executor: Recorder,
) -> None:
    """One hook may ask the local policies, and so another: both have then answered."""

    def work() -> None:
        if executor.intents:
            return
        with airlock.scope(executor=executor):
            airlock.enqueue(record, "from the task")

    class Asking(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> None:
            assert intent.passes_local_policies()

    async def main() -> None:
        policy = Starting(work, "allows")
        with airlock.scope(Asking()), airlock.policy(policy):
            airlock.enqueue(record)
        await asyncio.gather(*policy.tasks)

    asyncio.run(main())

    assert executor.values == ["from the task"]


def test_a_task_started_by_a_policy_is_in_the_region_around(executor: Recorder) -> None:
    """A region silences what is started in it, by whomever."""

    def work() -> None:
        with airlock.scope(executor=executor):
            airlock.enqueue(record, "from the task")

    async def main() -> None:
        policy = Starting(work, "on_enqueue")
        with airlock.policy(airlock.DropAll()):
            async with airlock.scope(policy):
                airlock.enqueue(record, "from the body")
        await asyncio.gather(*policy.tasks)

    asyncio.run(main())

    assert ran == []
    assert executor.values == []


def test_a_task_started_by_a_policy_does_not_loosen_the_policy() -> None:
    """The hook itself is refused, before and after it started the task."""
    refused: list[type[BaseException]] = []

    class Both(Starting):
        def on_enqueue(self, intent: Intent) -> None:
            super().on_enqueue(intent)
            try:
                airlock.enqueue(record, "from the hook")
            except airlock.PolicyEnqueueError as error:
                refused.append(type(error))

    async def main() -> None:
        policy = Both(lambda: None, "on_enqueue")
        async with airlock.scope(policy):
            airlock.enqueue(record, 1)
            airlock.enqueue(record, 2)
        await asyncio.gather(*policy.tasks)

    asyncio.run(main())

    assert refused == [airlock.PolicyEnqueueError] * 2
    assert ran == [1, 2]


def test_tasks_that_an_executor_starts_keep_no_effect_alive() -> None:
    """A chain of polls, each started by the effect of the one before, goes on for days.

    Guards against an account that each of them inherits, and that keeps the last one.
    """
    started: set[asyncio.Task[object]] = set()

    def spawn(intent: Intent) -> None:
        started.add(asyncio.get_running_loop().create_task(poll(*intent.args)))

    async def poll(left: int) -> None:
        if left:
            with airlock.scope(executor=spawn):
                airlock.enqueue(poll, left - 1)

    async def main() -> int:
        await poll(50)
        while pending := [task for task in started if not task.done()]:
            await asyncio.gather(*pending)
        gc.collect()
        return sum(type(found) is Intent for found in gc.get_objects())

    assert asyncio.run(main()) < 10
