"""One intent becomes one message of a task, which Huey can queue or cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import huey
from airlock import ArgumentError, NotATaskError
from airlock.integrations.executors.huey.option import options_of
from huey.api import Task
from huey.exceptions import HueyException
from huey.registry import Registry
from huey.storage import MemoryStorage
from huey.utils import normalize_expire_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airlock import Intent

__all__ = ["check_message", "check_place", "has_followers", "message_of", "task_of"]

_NUMBER = (int, float)
_NUMBERS: dict[str, type | tuple[type, ...]] = {
    "priority": _NUMBER,
    # Huey counts down to zero, and half a retry would never be zero.
    "retries": int,
    "retry_delay": _NUMBER,
    "retry_backoff": _NUMBER,
    "timeout": _NUMBER,
}


def message_of(intent: Intent) -> Any:  # noqa: ANN401 - Huey is untyped
    """Return the message, and queue nothing.

    Raises:
        HueyOptionError: If the installed Huey does not know an option.
        NotATaskError: If no consumer would find the task.
        ArgumentError: If Huey would drop an argument because it is named ``task``, or
            cannot make out when the message is due.
    """
    # Not `task(...)` or `task.s(...)`: both take arguments of the task that are
    # named like an option, such as `id` or `priority`, for that option.
    task: Any = intent.task
    _check_module(intent.name, task.huey, task.task_class)
    options = options_of(intent)
    if "task" in intent.kwargs and (task.context or _huey_drops_task()):
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"an argument named 'task', which Huey {huey.__version__} would drop",
            "it under another name",
        )
    # A copy: Huey 2.5 adds the `task` argument of a context task to what it is given.
    return task.task_class(intent.args, dict(intent.kwargs), **options)


def check_place(owner: Any, message: object) -> None:  # noqa: ANN401 - Huey is untyped
    """Raise for a message whose task no consumer would find.

    Raises:
        NotATaskError: If it is one.
    """
    _check_module(f"a message of {task_of(message)}", owner, type(message))


def _check_module(what: str, owner: Any, kind: type) -> None:  # noqa: ANN401 - Huey is untyped
    if kind.__module__ != "__main__":
        return
    # Then nobody but this process comes to run it.
    if owner.immediate or isinstance(owner.storage, MemoryStorage):
        return
    raise NotATaskError(
        f"{what}, which a worker would look for in a __main__ of its own",
        "Move it into a module that both can import; where this script is its own "
        "consumer, name its Huey: airlock.enqueue(huey.enqueue, task.s()).",
    )


def _huey_drops_task() -> bool:
    # Huey 2.5 clears away what it gives to context tasks, whoever gave it.
    registry = Registry()
    registry.register(Task)
    return "task" not in registry.create_message(Task((), {"task": 1})).kwargs


def check_message(intent: Intent, owner: Any, message: Any) -> None:  # noqa: ANN401 - Huey is untyped
    """Raise what Huey, or its worker, would raise of this message.

    Args:
        intent: What the message is, or is a part of.
        owner: The Huey whose queue it is for.
        message: It stays as it is, and so do the messages that follow it.

    Raises:
        ArgumentError: If it, or one that follows it, has an option that the worker or
            the storage cannot use, or cannot be serialised.
        NotATaskError: If its Huey does not know its task, or one that follows it, or no
            consumer would find them.
    """
    # First: one that leads back to itself would never be read to its end.
    _check_serialisation(intent, owner, message)
    for each in _with_followers(message):
        check_place(owner, each)
        _check_numbers(intent, each)
        _check_priority(intent, owner, each)
        _check_expiry(intent, owner, each)


def has_followers(message: Any) -> bool:  # noqa: ANN401 - Huey is untyped
    """Tell whether the worker queues further messages, afterwards or on an error."""
    return bool(_followers(message))


def _followers(message: Any) -> list[Any]:  # noqa: ANN401 - Huey is untyped
    both = message.on_complete, message.on_error
    return [follower for follower in both if follower is not None]


def _with_followers(message: Any) -> Iterator[Any]:  # noqa: ANN401 - Huey is untyped
    yield message
    for follower in _followers(message):
        yield from _with_followers(follower)


def _check_serialisation(intent: Intent, owner: Any, message: Any) -> None:  # noqa: ANN401 - Huey is untyped
    try:
        owner.serialize_task(message)
    except HueyException as error:
        raise NotATaskError(
            f"a message of {task_of(message)} that its Huey cannot queue: {error}",
            "Enqueue tasks that are still registered, each with those of its own Huey.",
        ) from error
    except Exception as error:
        # A project may have chosen its own serializer, which raises what it likes.
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"what Huey cannot put into a message of {task_of(message)}: {error}",
            "what its serializer can carry, such as the key of a row instead of the "
            "row",
        ) from error


def task_of(message: object) -> str:
    """Return where the task of a message stands: Huey makes a class of each."""
    kind = type(message)
    return f"{kind.__module__}:{kind.__name__}"


def _check_numbers(intent: Intent, message: object) -> None:
    for name, kinds in _NUMBERS.items():
        value = getattr(message, name, None)
        if value is not None and not isinstance(value, kinds):
            expected = "a whole number" if kinds is int else "a number"
            raise _refusal(intent, message, f"{name}={value!r}", expected)


def _check_priority(intent: Intent, owner: Any, message: Any) -> None:  # noqa: ANN401 - Huey is untyped
    if message.priority and not owner.storage.priority:
        raise _refusal(
            intent,
            message,
            f"priority={message.priority!r}, which {type(owner).__name__} cannot keep",
            "none, or declare the task on a PriorityRedisHuey",
        )


def _check_expiry(intent: Intent, owner: Any, message: Any) -> None:  # noqa: ANN401 - Huey is untyped
    if not message.expires:
        return
    try:
        normalize_expire_time(message.expires, owner.utc)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refusal(
            intent,
            message,
            f"expires={message.expires!r}",
            "a number of seconds, a timedelta or a datetime",
        ) from error


def _refusal(
    intent: Intent, message: object, option: str, expected: str
) -> ArgumentError:
    return ArgumentError(
        f"enqueue({intent.name})",
        f"a message of {task_of(message)} with the option {option}",
        expected,
    )
