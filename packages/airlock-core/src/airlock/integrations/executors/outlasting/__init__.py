"""Work that goes on when those who wait for it are cancelled, as a thread's does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["outlast"]


async def outlast(work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Do the work to its end, and let a cancellation through at the next pause.

    So whoever awaits this learns that the work is done before it is cancelled. For
    executors that are used from asyncio.

    Args:
        work: Makes what is to be awaited.
    """
    # A pause before it, where nothing has been done that had to be known.
    await asyncio.sleep(0)
    task = asyncio.ensure_future(work())
    held_back: asyncio.CancelledError | None = None
    while not task.done():
        try:
            # Unlike `await task`, it does not cancel the task.
            await asyncio.wait([task])
        except asyncio.CancelledError as cancellation:
            held_back = cancellation
    if held_back is not None:
        caller = cast("asyncio.Task[Any]", asyncio.current_task())
        asyncio.get_running_loop().call_soon(_cancel, caller, *held_back.args)
    task.result()


def _cancel(task: asyncio.Task[Any], *message: object) -> None:
    # Who asked for it may have left, as `asyncio.timeout()` does when its block ends:
    # then it would hit somebody else.
    if task.cancelling() and task.cancel(*message):
        # It was counted when they asked.
        task.uncancel()
