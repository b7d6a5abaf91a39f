"""What is refused at the line of the enqueue, where a scope verifies."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from celery import Task
from celery.canvas import Signature
from kombu.exceptions import EncodeError
from kombu.serialization import dumps

from airlock import ArgumentError, TaskArgumentsError
from airlock.integrations.executors.celery.message import refuse_lost_arguments
from airlock.integrations.executors.celery.option import options_of
from airlock.integrations.executors.celery.stock import (
    is_celery,
    refuse_class,
    task_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airlock import Intent

__all__ = ["check"]


def check(intent: Intent) -> None:
    """Raise what the flush or the worker would, and send nothing.

    Canvases stay unread: their members may be a generator.
    """
    task: Any = intent.task
    if not is_celery(task):
        refuse_class(task)
        return
    options = options_of(intent)
    refuse_lost_arguments(intent)
    if isinstance(task, Task):
        _check_call(intent.name, task, intent.args, intent.kwargs, options)
    elif not task["subtask_type"]:
        # As Celery merges them.
        args, kwargs = (*intent.args, *task.args), {**task.kwargs, **intent.kwargs}
        _check_call(intent.name, task, args, kwargs, {**task.options, **options})


def _check_call(
    name: str,
    task: Task | Signature,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    known, settings = task_of(task), task.app.conf
    _check_arity(name, known, args, kwargs)
    serializer = options.get("serializer") or getattr(known, "serializer", None)
    serializer = serializer or settings.task_serializer
    # Celery 5.7 and later turn Pydantic's models into dictionaries first.
    dump = getattr(known, "_dump_pydantic_arguments", None)
    if dump is not None and serializer != "pickle":
        args, kwargs = dump(args, kwargs)
    try:
        dumps((args, kwargs), serializer)
    except EncodeError as error:
        raise ArgumentError(
            f"enqueue({name})",
            f"an argument that its serializer {serializer!r} refuses: {error}",
            "what it can carry, such as the key of the row instead of the row",
        ) from error


def _check_arity(
    name: str, task: Task | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    # As Celery does it. A class with a `run` method of its own has no header.
    header = getattr(task, "__header__", None)
    if header is None or not task.typing:
        return
    try:
        header(*args, **kwargs)
    except TypeError as error:
        text = str(signature(task.run)), str(error)
        raise TaskArgumentsError(name, *text) from None
