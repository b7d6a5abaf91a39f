"""One intent becomes one message of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import huey
from airlock import ArgumentError
from airlock.integrations.executors.huey.option import options_of
from huey.api import Task
from huey.registry import Registry

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["message_of"]


def message_of(intent: Intent) -> Any:  # noqa: ANN401 - Huey is untyped
    """Return the message, and queue nothing.

    Raises:
        HueyOptionError: If the installed Huey does not know an option.
        ArgumentError: If Huey would drop an argument because it is named ``task``.
    """
    # Not `task(...)` or `task.s(...)`: both take arguments of the task that are
    # named like an option, such as `id` or `priority`, for that option.
    task: Any = intent.task
    options = options_of(intent)
    if "task" in intent.kwargs and (task.context or _huey_drops_task()):
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"an argument named 'task', which Huey {huey.__version__} would drop",
            "it under another name",
        )
    # A copy: Huey 2.5 adds the `task` argument of a context task to what it is given.
    return task.task_class(intent.args, dict(intent.kwargs), **options)


def _huey_drops_task() -> bool:
    # Huey 2.5 clears away what it gives to context tasks, whoever gave it.
    registry = Registry()
    registry.register(Task)
    return "task" not in registry.create_message(Task((), {"task": 1})).kwargs
