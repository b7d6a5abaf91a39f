"""Dispatching one intent: the default executor, and the choice of executor."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from airlock._accounting import account_of
from airlock._awaitable import close_awaitable, is_unrun
from airlock._errors import AsyncDispatchError, NotATaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock._intent import Intent

    Wait = Callable[[Intent, Awaitable[object]], object]

__all__ = [
    "_execute",
    "aexecute",
    "execute",
    "refuse_awaitable",
    "settle",
    "sync_executor",
]


def sync_executor(intent: Intent) -> Awaitable[object] | None:
    """Run the task in place: ``task(*args, **kwargs)``.

    ``_dispatch_options`` mean nothing to a plain call and are ignored.

    Raises:
        NotATaskError: If the task cannot be called, as a queue's message cannot,
            or is a generator function: calling it only makes a generator.
    """
    if not callable(intent.task):
        raise NotATaskError(
            f"{intent.name}, a {type(intent.task).__name__} that cannot be called",
            "The sync executor calls the task in place. Select the executor of "
            "the queue it belongs to: airlock.scope(executor=...).",
        )
    result = intent.task(*intent.args, **intent.kwargs)
    if is_unrun(result):
        raise NotATaskError(
            f"{intent.name}, whose call only made a generator",
            "The body of a generator runs when somebody iterates it, and nobody "
            "would: enqueue a function that has done the effect when it returns.",
        )
    return result if isinstance(result, Awaitable) else None


def _execute(intent: Intent) -> None:
    """Dispatch one intent through the executor of the scope it was enqueued in.

    For subclasses of `Scope` that override `_dispatch_all`. While that runs, it may be
    called in other threads, too: the scope's account is the same.

    Raises:
        AsyncDispatchError: If the executor returns an awaitable.
    """
    account = account_of(intent)
    if account is None:
        execute(intent)
        return
    account.go_on()
    try:
        execute(intent)
    except BaseException as error:
        account.fail(intent, error)
        raise
    account.succeed(intent)


def refuse_awaitable(intent: Intent, awaitable: Awaitable[object]) -> None:
    """Close what nobody can await here, and say so."""
    close_awaitable(awaitable)
    raise AsyncDispatchError(intent.name)


def execute(intent: Intent, wait: Wait = refuse_awaitable) -> None:
    """Do as `_execute()` does, where somebody else keeps the account.

    Args:
        intent: What to dispatch.
        wait: Called for what the executor returns to be awaited.
    """
    result = (intent.executor or sync_executor)(intent)
    if result is not None:
        settle(intent, result, wait)


def settle(intent: Intent, result: object, wait: Wait) -> None:
    """See to something that an executor returned and that would still have to run."""
    _refuse_generator(intent, result)
    if isinstance(result, Awaitable):
        wait(intent, result)


def _refuse_generator(intent: Intent, result: object) -> None:
    if is_unrun(result):
        raise NotATaskError(
            f"{intent.name} and an executor, {intent.executor!r}, whose call only "
            f"made a generator",
            "The body of a generator runs when somebody iterates it, and nobody "
            "would: write the executor without `yield`.",
        )


async def aexecute(intent: Intent) -> None:
    """Do as `execute()` does, and await what the executor returns."""
    result = (intent.executor or sync_executor)(intent)
    if result is not None:
        _refuse_generator(intent, result)
        if isinstance(result, Awaitable):
            await result
