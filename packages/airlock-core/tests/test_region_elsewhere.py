"""Regions that are left elsewhere than they were entered: a thread, a task, a copy."""

from __future__ import annotations

import asyncio
import contextvars
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from recording import Recorder, record

import airlock
from airlock._context import current_region

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


class Noting(airlock.Policy):
    """Notes the first argument of what is enqueued."""

    def __init__(self, seen: list[int]) -> None:
        self.seen = seen

    def on_enqueue(self, intent: airlock.Intent) -> None:
        """Note it."""
        self.seen.append(intent.args[0])


def page(executor: Recorder, text: str) -> None:
    """Send a text."""
    with airlock.scope(executor=executor):
        airlock.enqueue(record, text)


def in_a_thread(function: Callable[[], object]) -> None:
    """Call a function where nothing is current."""
    thread = Thread(target=function)
    thread.start()
    thread.join()


def in_a_copy(function: Callable[[], object]) -> None:
    """Call a function where everything is current, and nothing it sets lasts."""
    contextvars.copy_context().run(function)


def test_leaving_a_region_elsewhere_does_nothing_there(executor: Recorder) -> None:
    """An async fixture may be torn down in a context that never entered it."""
    region = airlock.policy(airlock.DropAll())
    contextvars.copy_context().run(region.__enter__)

    region.__exit__(None, None, None)

    with airlock.scope(executor=executor):
        airlock.enqueue(record, 1)
    assert executor.values == [1]


def test_an_abandoned_async_generator_takes_its_region_along(
    executor: Recorder,
) -> None:
    """The event loop closes it elsewhere; what comes next must not go silent."""

    async def rows() -> AsyncGenerator[int]:
        with airlock.policy(airlock.DropAll()):
            for number in range(3):
                yield number

    async def page(text: str) -> None:
        async with airlock.scope(executor=executor):
            airlock.enqueue(record, text)

    async def main() -> None:
        async for _ in rows():
            break
        # The loop closes it in a task of its own, in the steps that come next.
        for _ in range(5):
            await asyncio.sleep(0)
        await page("here")
        await asyncio.create_task(page("in a task"))

    asyncio.run(main())

    assert executor.values == ["here", "in a task"]


@pytest.mark.parametrize("leave", [in_a_thread, in_a_copy])
def test_a_region_left_elsewhere_ends_where_it_was_entered(
    executor: Recorder, leave: Callable[[Callable[[], object]], object]
) -> None:
    """Those that were entered after it stay in force."""
    seen: list[int] = []
    outer = airlock.policy(airlock.DropAll())
    outer.__enter__()

    with airlock.scope(executor=executor):
        with airlock.policy(Noting(seen)):
            leave(lambda: outer.__exit__(None, None, None))
            airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert executor.values == [1, 2]
    assert seen == [1]


def test_one_entry_of_a_shared_region_ends_elsewhere_and_the_others_last(
    executor: Recorder,
) -> None:
    """As with a module's own `quiet`, entered by many tasks."""
    quiet = airlock.policy(airlock.DropAll())

    with airlock.scope(executor=executor), quiet:
        quiet.__enter__()
        in_a_copy(lambda: quiet.__exit__(None, None, None))
        airlock.enqueue(record, 1)
        quiet.__exit__(None, None, None)

    assert executor.values == []


def test_a_shared_region_is_left_where_it_is_left(executor: Recorder) -> None:
    """Though another thread entered it later, and is still in it."""
    quiet = airlock.policy(airlock.DropAll())
    other = contextvars.copy_context()
    quiet.__enter__()
    other.run(quiet.__enter__)

    quiet.__exit__(None, None, None)

    page(executor, "here")
    other.run(page, executor, "there")
    other.run(quiet.__exit__, None, None, None)
    other.run(page, executor, "there again")
    assert executor.values == ["here", "there again"]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_shared_region_does_not_end_where_somebody_is_inside(
    executor: Recorder, *, is_first: bool
) -> None:
    """Which of two entries is left elsewhere, nobody can tell: neither ends."""
    quiet = airlock.policy(airlock.DropAll())
    other = contextvars.Context()
    if not is_first:
        other.run(quiet.__enter__)

    with airlock.scope(executor=executor), quiet:
        if is_first:
            other.run(quiet.__enter__)
        in_a_thread(lambda: quiet.__exit__(None, None, None))
        airlock.enqueue(record, 1)

    assert executor.values == []


def test_a_region_used_before_ends_where_it_was_entered(executor: Recorder) -> None:
    """What was left stands in nobody's way."""
    quiet = airlock.policy(airlock.DropAll())
    with quiet:
        pass
    quiet.__enter__()

    in_a_copy(lambda: quiet.__exit__(None, None, None))

    page(executor, "here")
    assert executor.values == ["here"]


def test_a_shared_region_is_left_in_a_copy_as_often_as_it_was_entered(
    executor: Recorder,
) -> None:
    """What comes next in the copy is outside."""
    quiet = airlock.policy(airlock.DropAll())

    def leave() -> None:
        quiet.__exit__(None, None, None)
        page(executor, "inside")
        quiet.__exit__(None, None, None)
        page(executor, "outside")

    with quiet, quiet:
        in_a_copy(leave)

    assert executor.values == ["outside"]


def test_a_carried_function_keeps_its_region_wherever_that_is_left(
    executor: Recorder,
) -> None:
    """It was taken along, as it was."""
    region = airlock.policy(airlock.DropAll())
    with airlock.scope(executor=executor):
        region.__enter__()
        carried = airlock.carry(lambda: airlock.enqueue(record, "carried"))
        in_a_copy(lambda: region.__exit__(None, None, None))
        airlock.enqueue(record, "here")
        carried()

    assert executor.values == ["here"]


def test_regions_that_were_left_elsewhere_do_not_pile_up() -> None:
    """A task may iterate for years, and leave each enqueue to others."""
    for _ in range(100):
        region = airlock.policy(airlock.DropAll())
        region.__enter__()
        in_a_copy(partial(region.__exit__, None, None, None))

    assert len(current_region.get()[2]) == 1
    with airlock.scope():
        airlock.enqueue(record)
    assert current_region.get()[2] == ()


def test_a_region_left_elsewhere_leaves_other_regions_alone(
    executor: Recorder,
) -> None:
    """Two regions may share one policy; each ends only itself."""
    shared = airlock.DropAll()
    foreign = airlock.policy(shared)
    contextvars.copy_context().run(foreign.__enter__)

    with airlock.scope(executor=executor), airlock.policy(p=shared):
        foreign.__exit__(None, None, None)
        airlock.enqueue(record, 1)

    assert executor.intents == []
