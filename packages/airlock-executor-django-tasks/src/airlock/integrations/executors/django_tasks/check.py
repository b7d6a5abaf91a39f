"""What is refused at the line of the enqueue, where a scope verifies."""

from __future__ import annotations

import json
from inspect import signature
from typing import TYPE_CHECKING, Any

from airlock import ArgumentError, TaskArgumentsError
from airlock.integrations.executors.django_tasks.kind import library_of
from airlock.integrations.executors.django_tasks.option import (
    DjangoTasksOptionError,
    prepared,
)

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["check"]


def check(intent: Intent) -> None:
    """Raise what the flush or the worker would, and send nothing."""
    library = library_of(intent.task)
    if library is None:
        return
    _check_task(intent)
    _check_arity(intent)
    try:
        carried = library.normalize_json([intent.args, intent.kwargs])
        # Databases refuse NaN and infinity, which Python takes for JSON.
        json.dumps(carried, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"an argument that JSON cannot carry: {error}",
            "what it can, such as the key of a row instead of the row",
        ) from error


def _check_task(intent: Intent) -> None:
    try:
        prepared(intent)
    except (ArgumentError, DjangoTasksOptionError):
        raise
    except Exception as error:
        # Django's own words name neither the task nor the option.
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"_dispatch_options={intent.dispatch_options!r}, which its backend "
            f"refuses: {error}",
            "what the backend in TASKS supports",
        ) from error


def _check_arity(intent: Intent) -> None:
    task: Any = intent.task
    accepted = signature(task.func)
    # As the worker does it.
    args = (None, *intent.args) if task.takes_context else intent.args
    try:
        accepted.bind(*args, **intent.kwargs)
    except TypeError as error:
        text = str(accepted), str(error)
        raise TaskArgumentsError(intent.name, *text) from None
