"""`outlast()`: work that goes on when those who wait for it are cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from airlock.integrations.executors.outlasting import outlast

done: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    done.clear()


async def work() -> None:
    """Take three turns of the loop, as a thread that cannot be stopped would."""
    for _ in range(3):
        await asyncio.sleep(0)
    done.append("work")


async def begun(waiting: asyncio.Task[None]) -> None:
    """Let a task come to the middle of its work."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert done == []


def test_a_cancellation_comes_when_the_work_is_done() -> None:
    """Whoever awaited it knows by then that it happened, and goes no further."""

    async def caller() -> None:
        await outlast(work)
        done.append("told")
        await asyncio.sleep(0)
        done.append("went on")

    async def main() -> None:
        waiting = asyncio.create_task(caller())
        await begun(waiting)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())

    assert done == ["work", "told"]


def test_a_cancellation_before_the_work_keeps_it_from_beginning() -> None:
    """Nothing has happened yet, and nothing need."""

    async def main() -> None:
        waiting = asyncio.create_task(outlast(work))
        await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        assert waiting.cancelled()

    asyncio.run(main())

    assert done == []


def test_a_timeout_does_not_hit_what_follows_its_block() -> None:
    """It has been and gone when the work is done."""

    async def main() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0) as limit:
                # So that it runs out in the middle of the work.
                limit.reschedule(asyncio.get_running_loop().time() + 0.01)
                await outlast(lambda: asyncio.sleep(0.05))
        await asyncio.sleep(0)
        done.append("went on")

    asyncio.run(main())

    assert done == ["went on"]


def test_what_the_work_raises_is_raised() -> None:
    """Nothing is swallowed on the way."""

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ConnectionError("broker away")

    with pytest.raises(ConnectionError, match="broker away"):
        asyncio.run(outlast(fail))
