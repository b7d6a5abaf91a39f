"""Work on the event loop that goes on when those who wait for it are cancelled."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextvars import Context

T = TypeVar("T")


async def outlast(
    work: Coroutine[object, object, T], is_to_stop: Callable[[], bool]
) -> T:
    """Do the work, and ask at each cancellation whether it is to stop.

    If not, or if the work is done by then, the cancellation is raised afterwards.

    Args:
        work: What to do. It sees, and sets, the context variables of the caller.
        is_to_stop: Whether the work is to be cancelled with the caller.
    """
    context = copy_context()
    task = asyncio.create_task(work, context=context)
    held_back: asyncio.CancelledError | None = None
    while not task.done():
        try:
            # Unlike `await task`, it does not cancel the task.
            await asyncio.wait([task])
        except asyncio.CancelledError as cancellation:
            # It may be done already, and this not have been told: then the work has
            # nothing left in which it could be cancelled.
            if not (is_to_stop() and task.cancel(*cancellation.args)):
                held_back = cancellation
    _adopt(context)
    result = task.result()
    if held_back is not None:
        raise held_back
    return result


def never() -> bool:
    """Do not stop."""
    return False


def _adopt(context: Context) -> None:
    """Set what the work has set: without a task of its own it would have done so."""
    here = copy_context()
    for variable, value in context.items():
        if variable not in here or here[variable] is not value:
            variable.set(value)
