"""Dispatch airlock intents to Huey."""

from __future__ import annotations

import sys
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

import huey
from airlock import AirlockError, ArgumentError, NotATaskError, TaskArgumentsError
from airlock.integrations.executors.sync import sync_executor
from huey.api import Task, TaskWrapper
from huey.registry import Registry
from huey.utils import normalize_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airlock import Intent

__all__ = ["HueyOptionError", "huey_executor"]

# Huey 2.5 has neither, and nothing is an instance of ().
_GROUP = getattr(huey, "group", ())
_CHORD = getattr(huey, "chord", ())


class HueyOptionError(AirlockError, TypeError):
    """The installed Huey knows no dispatch option of that name."""

    def __init__(self, task: str, option: str, known: tuple[str, ...]) -> None:
        super().__init__(task, option, known)

    def __str__(self) -> str:
        task, option, known = self.args
        return (
            f"{task} was enqueued with the dispatch option {option!r}, which Huey "
            f"{huey.__version__} does not know. It knows: {', '.join(known)}. Correct "
            f"_dispatch_options; what is meant for the task itself is a plain argument."
        )


def huey_executor(intent: Intent) -> object:
    """Queue a Huey task; call what is not Huey's in place.

    ``_dispatch_options`` are the options of Huey's ``schedule()``, and never mix
    with the task's arguments. A message that already has its arguments, such as
    ``task.s(1)``, a pipeline, a group or a chord, is queued whole, as it is.

    Raises:
        HueyOptionError: If the installed Huey does not know an option.
        NotATaskError: If a message comes with further arguments or options, or
            nothing tells which Huey it belongs to.
        ArgumentError: If Huey would drop an argument because it is named ``task``.
    """
    task: Any = intent.task
    if isinstance(task, TaskWrapper):
        task.huey.enqueue(_message(intent))
        return None
    if isinstance(task, (Task, _GROUP, _CHORD)):
        _check_alone(intent)
        for owner, message in [(_owner(part), part) for part in _parts(task)]:
            owner.enqueue(message)
        return None
    return sync_executor(intent)


def _check(intent: Intent) -> None:
    """Raise what the flush or the worker would, and send nothing.

    Groups and chords stay unread: their members may be a generator.
    """
    task: Any = intent.task
    if isinstance(task, TaskWrapper):
        _check_arguments(intent)
        task.huey.serialize_task(_message(intent))
    elif isinstance(task, (Task, _GROUP, _CHORD)):
        _check_alone(intent)
        if isinstance(task, Task):
            _owner(task).serialize_task(task)


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


def _message(intent: Intent) -> Any:  # noqa: ANN401 - Huey is untyped
    # Not `task(...)` or `task.s(...)`: both take arguments of the task that are
    # named like an option, such as `id` or `priority`, for that option.
    task: Any = intent.task
    options = dict(intent.dispatch_options or {})
    for option in options:
        if option not in _known_options():
            raise HueyOptionError(intent.name, option, _known_options())
    if "task" in intent.kwargs and (task.context or _huey_drops_task()):
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"an argument named 'task', which Huey {huey.__version__} would drop",
            "it under another name",
        )
    eta, delay = options.pop("eta", None), options.pop("delay", None)
    if eta is not None or delay is not None:
        options["eta"] = normalize_time(eta, delay, task.huey.utc)
    # A copy: Huey 2.5 adds the `task` argument of a context task to what it is given.
    return task.task_class(intent.args, dict(intent.kwargs), **options)


@cache
def _known_options() -> tuple[str, ...]:
    accepted = signature(TaskWrapper.schedule).parameters.keys()
    return tuple(sorted(accepted - {"self", "args", "kwargs"}))


def _huey_drops_task() -> bool:
    # Huey 2.5 clears away what it gives to context tasks, whoever gave it.
    registry = Registry()
    registry.register(Task)
    return "task" not in registry.create_message(Task((), {"task": 1})).kwargs


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
