"""Dispatch airlock intents to a thread of this process."""

from __future__ import annotations

import asyncio
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from airlock import AirlockError, NotATaskError
from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from airlock import Intent

__all__ = ["ThreadsOptionError", "threads_executor", "wait"]


class ThreadsOptionError(AirlockError, TypeError):
    """A thread takes no dispatch options."""

    def __init__(self, task: str, options: tuple[str, ...]) -> None:
        super().__init__(task, options)

    def __str__(self) -> str:
        task, options = self.args
        return (
            f"{task} was enqueued with the dispatch options {', '.join(options)}, and "
            f"a thread takes none. Remove them from _dispatch_options; what is meant "
            f"for the task itself is a plain argument."
        )


def threads_executor(intent: Intent) -> None:
    """Have a thread run the task. What the task raises is logged.

    Effects run one after the other, in the order of their dispatch. Python waits for
    them before it exits.

    Raises:
        ThreadsOptionError: If the intent has dispatch options.
        NotATaskError: If the task is not callable.
    """
    _check(intent)
    _pool().submit(_run, intent)


def _check(intent: Intent) -> None:
    if not callable(intent.task):
        raise NotATaskError(repr(intent.task), "Pass a function, or what is called so.")
    if intent.dispatch_options:
        raise ThreadsOptionError(intent.name, tuple(intent.dispatch_options))


# What a scope with verify=True asks, at the line that enqueues.
threads_executor.check = _check  # type: ignore[attr-defined]


def wait() -> None:
    """Return when all that was dispatched so far has run."""
    _pool().submit(int).result()


_lock = Lock()


def _pool() -> ThreadPoolExecutor:
    # Not the cache alone: two threads that come first at once would make two pools.
    with _lock:
        return _only_pool()


@cache
def _only_pool() -> ThreadPoolExecutor:
    # One thread: two would run the second effect before the first has ended.
    return ThreadPoolExecutor(1, thread_name_prefix="airlock")


def _run(intent: Intent) -> None:
    try:
        result = sync_executor(intent)
        if result is not None:
            asyncio.run(_finished(result))
    except BaseException:  # sys.exit() in a task, too: nobody asks for the result
        logging.getLogger(__name__).exception("%s failed", intent.name)


async def _finished(result: Awaitable[object]) -> None:
    await result


def _start_anew() -> None:
    _only_pool.cache_clear()
    _lock.release()


# The threads of a pool stay in the parent process; the child makes its own. A lock that
# another thread held meanwhile would be held for ever in the child.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire,
        after_in_parent=_lock.release,
        after_in_child=_start_anew,
    )
