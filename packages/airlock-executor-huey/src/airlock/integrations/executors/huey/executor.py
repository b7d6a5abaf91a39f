"""The executor, and what a scope may ask of it beside one dispatch."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from airlock import TaskArgumentsError
from airlock.integrations.executors.huey.composition import (
    check_composition,
    is_composition,
    run,
)
from airlock.integrations.executors.huey.message import check_message, message_of
from airlock.integrations.executors.sync import sync_executor
from huey.api import TaskWrapper

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["huey_executor"]


def huey_executor(intent: Intent) -> object:
    """Queue a Huey task; call what is not Huey's in place.

    ``_dispatch_options`` are the options of Huey's ``schedule()``, and never mix
    with the task's arguments. A message that already has its arguments, such as
    ``task.s(1)``, a pipeline, a group or a chord, is queued whole, as it is.

    Raises:
        HueyOptionError: If the installed Huey does not know an option.
        NotATaskError: If a message comes with further arguments or options, nothing
            tells which Huey it belongs to, or no consumer would find the task.
        ArgumentError: If Huey would drop an argument because it is named ``task``,
            cannot make out when the message is due, or cannot queue a part of a group.
    """
    task: Any = intent.task
    if isinstance(task, TaskWrapper):
        task.huey.enqueue(message_of(intent))
        return None
    if is_composition(task):
        run(intent)
        return None
    return sync_executor(intent)


def _check(intent: Intent) -> None:
    """Raise what the flush or the worker would, and queue nothing."""
    task: Any = intent.task
    if isinstance(task, TaskWrapper):
        _check_arguments(intent)
        check_message(intent, task.huey, message_of(intent))
    elif is_composition(task):
        check_composition(intent)


# What a scope with verify=True looks for.
huey_executor.check = _check  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]


def _check_arguments(intent: Intent) -> None:
    task: Any = intent.task
    try:
        accepted = signature(task.func)
    except ValueError:
        return  # Some built-in functions have none to tell.
    # As Huey does it in the worker.
    given = dict(intent.kwargs, task=None) if task.context else intent.kwargs
    try:
        accepted.bind(*intent.args, **given)
    except TypeError as error:
        text = str(accepted), str(error)
        raise TaskArgumentsError(intent.name, *text) from None
