"""Messages that already have their arguments, and groups and chords of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import huey
from airlock import NotATaskError
from huey.api import Task, TaskWrapper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airlock import Intent

__all__ = ["check_composition", "is_composition", "run"]

# Huey 2.5 has neither, and nothing is an instance of ().
_GROUP = getattr(huey, "group", ())
_CHORD = getattr(huey, "chord", ())


def is_composition(task: object) -> bool:
    """Tell what is queued whole from what has yet to become a message."""
    return isinstance(task, (Task, _GROUP, _CHORD))


def run(intent: Intent) -> None:
    """Queue it, each part through the Huey it belongs to.

    Raises:
        NotATaskError: If it comes with arguments or options, or nothing tells which
            Huey it belongs to.
    """
    _check_alone(intent)
    for owner, message in [(_owner(part), part) for part in _parts(intent.task)]:
        owner.enqueue(message)


def check_composition(intent: Intent) -> None:
    """Raise what the flush would, and queue nothing.

    Groups and chords stay unread: their members may be a generator.
    """
    _check_alone(intent)
    if isinstance(intent.task, Task):
        _owner(intent.task).serialize_task(intent.task)


def _check_alone(intent: Intent) -> None:
    if intent.args or intent.kwargs or intent.dispatch_options:
        raise NotATaskError(
            f"a message of {intent.name} and, beside it, arguments or options that "
            f"would be lost",
            "Enqueue the message alone, or the task with its arguments: "
            "enqueue(task, 1, _dispatch_options={'delay': 60}).",
        )


def _parts(message: Any) -> Iterator[Any]:  # noqa: ANN401 - Huey is untyped
    # A group's members may be a generator, which must not be read twice.
    if not isinstance(message, _GROUP):
        yield message
        return
    for member in message.tasks:
        yield from _parts(member)


def _owner(message: Any) -> Any:  # noqa: ANN401 - Huey is untyped
    """Return the Huey of a message, which only the task it was made from knows."""
    kind = type(message.callback if isinstance(message, _CHORD) else message)
    module = vars(sys.modules.get(kind.__module__, object))
    for found in tuple(module.values()):
        # Not isinstance(): that would wake lazy objects the module may hold.
        if issubclass(type(found), TaskWrapper) and found.task_class is kind:
            return found.huey
    raise NotATaskError(
        f"a message of {kind.__module__}:{kind.__name__}, and no such task is found "
        f"in that module to tell which Huey it belongs to",
        "Name the Huey: enqueue(huey.enqueue, message).",
    )
