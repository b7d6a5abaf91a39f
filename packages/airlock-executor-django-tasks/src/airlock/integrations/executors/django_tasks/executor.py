"""The executor, and what a scope with verify=True asks of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from airlock.integrations.executors.django_tasks.check import check
from airlock.integrations.executors.django_tasks.kind import is_task
from airlock.integrations.executors.django_tasks.option import prepared
from airlock.integrations.executors.outlasting import outlast
from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["django_tasks_executor"]


def django_tasks_executor(intent: Intent) -> object:
    """Enqueue a Django task; call anything else in place.

    ``_dispatch_options`` are those of the task's ``using()``. In the thread of a
    running event loop it returns an awaitable, the task's ``aenqueue()``: there
    Django refuses to touch a database in any other way. Cancelled, it first ends that.

    Raises:
        DjangoTasksOptionError: If the task does not know an option.
        ArgumentError: If an argument has a name that Django keeps for itself.
        InvalidTask: If the backend does not support what an option asks for;
            ``InvalidTaskError`` of the backport.
    """
    if not is_task(intent.task):
        return sync_executor(intent)
    task = prepared(intent)
    if _is_in_event_loop():
        return outlast(partial(task.aenqueue, *intent.args, **intent.kwargs))
    task.enqueue(*intent.args, **intent.kwargs)
    return None


# What a scope with verify=True looks for.
django_tasks_executor.check = check  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]


def _is_in_event_loop() -> bool:
    # As Django tells where it refuses synchronous work.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
