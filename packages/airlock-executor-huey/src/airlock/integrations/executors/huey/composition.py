"""Messages that already have their arguments, and groups and chords of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import huey
from airlock import NotATaskError
from airlock.integrations.executors.huey.message import (
    check_message,
    check_place,
    has_followers,
    task_of,
)
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
    """Queue all of it, each part through the Huey it belongs to, or refuse all of it.

    Raises:
        NotATaskError: If it comes with arguments or options, holds something else than
            messages, nothing tells which Huey it belongs to, or no consumer would find
            a task.
        ArgumentError: If Huey, or its worker, cannot queue a part, and other parts
            would have left.
    """
    _check_alone(intent)
    parts = [(_owner(part), part) for part in _parts(intent.task)]
    is_of_many = _is_of_many(intent.task)
    for owner, part in parts:
        if not is_of_many:
            check_place(owner, part)
        elif not owner.immediate:
            # Run in place, nothing is put into a queue.
            _check_part(intent, owner, part)
    for owner, part in parts:
        owner.enqueue(part)


def check_composition(intent: Intent) -> None:
    """Raise what the flush would, and queue nothing."""
    _check_alone(intent)
    for part in _parts(intent.task):
        _check_part(intent, _owner(part), part)


def _is_of_many(task: Any) -> bool:  # noqa: ANN401 - Huey is untyped
    # The first step of a pipeline leaves here, and the worker would lose the next.
    return not isinstance(task, Task) or has_followers(task)


def _check_alone(intent: Intent) -> None:
    if intent.args or intent.kwargs or intent.dispatch_options:
        raise NotATaskError(
            f"a message of {intent.name} and, beside it, arguments or options that "
            f"would be lost",
            "Enqueue the message alone, or the task with its arguments: "
            "enqueue(task, 1, _dispatch_options={'delay': 60}).",
        )


def _parts(message: Any) -> Iterator[Any]:  # noqa: ANN401 - Huey is untyped
    """Yield what Huey queues at once."""
    if not isinstance(message, _GROUP):
        yield message
        return
    # A generator, used up by a flush that failed, would be an empty group next time.
    if iter(message.tasks) is message.tasks:
        raise NotATaskError(
            f"a group of {message.tasks!r}, which can be read only once",
            "Give them as a list: huey.group([task.s(1), task.s(2)]).",
        )
    for member in message.tasks:
        yield from _parts(member)


def _check_part(intent: Intent, owner: Any, part: Any) -> None:  # noqa: ANN401 - Huey is untyped
    for message in _messages(part):
        check_message(intent, owner, message)


def _messages(part: Any) -> Iterator[Any]:  # noqa: ANN401 - Huey is untyped
    """Yield the messages of one part: those of a chord wait for each other."""
    if not isinstance(part, _CHORD):
        _check_kind(part)
        yield part
        return
    if not hasattr(part.tasks, "__len__"):
        raise NotATaskError(
            f"a chord of {part.tasks!r}, whose messages Huey cannot count",
            "Give them as a list: huey.chord([task.s(1), task.s(2)], callback).",
        )
    for member in part.tasks:
        yield from _messages(member)
    yield part.callback


def _check_kind(part: object) -> None:
    if isinstance(part, Task):
        return
    if isinstance(part, _GROUP):
        raise NotATaskError(
            "a group inside a chord, which Huey cannot wait for",
            "Make it a chord with a callback of its own: group.then(task).",
        )
    raise NotATaskError(
        f"{part!r} inside a group or chord",
        "Make them of messages: huey.group([task.s(1), task.s(2)]).",
    )


def _owner(part: Any) -> Any:  # noqa: ANN401 - Huey is untyped
    """Return the Huey of a part, which only the task it was made from knows."""
    message = part.callback if isinstance(part, _CHORD) else part
    _check_kind(message)
    kind = type(message)
    module = vars(sys.modules.get(kind.__module__, object))
    for found in tuple(module.values()):
        # Not isinstance(): that would wake lazy objects the module may hold.
        if issubclass(type(found), TaskWrapper) and found.task_class is kind:
            return found.huey
    raise NotATaskError(
        f"a message of {task_of(message)}, and no such task is found in that module to "
        f"tell which Huey it belongs to",
        "Name the Huey: enqueue(huey.enqueue, message).",
    )
