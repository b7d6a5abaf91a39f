"""What is refused at the line of the enqueue, where a scope verifies."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from kombu.exceptions import EncodeError
from kombu.serialization import dumps

from airlock import ArgumentError, TaskArgumentsError
from airlock.integrations.executors.celery.message import check_message
from airlock.integrations.executors.celery.stock import (
    is_celery,
    refuse_class,
    task_of,
)
from celery import Task

if TYPE_CHECKING:
    from airlock import Intent

    Call = tuple[tuple[Any, ...], dict[str, Any]]

__all__ = ["check"]


def check(intent: Intent) -> None:
    """Raise what the flush or the worker would, and send nothing.

    Canvases stay unread: their members may be a generator.
    """
    task: Any = intent.task
    if not is_celery(task):
        refuse_class(task)
        return
    check_message(intent)
    serializer = (intent.dispatch_options or {}).get("serializer")
    if isinstance(task, Task):
        _check_call(intent.name, task, (intent.args, intent.kwargs), serializer)
    elif not task.get("subtask_type"):
        # As Celery merges them.
        call = (*intent.args, *task.args), {**task.kwargs, **intent.kwargs}
        serializer = serializer or task.options.get("serializer")
        _check_call(intent.name, task, call, serializer)


def _check_call(name: str, task: Any, call: Call, serializer: str | None) -> None:  # noqa: ANN401 - Celery is untyped
    known = task_of(task)
    if known is not None:
        _check_arity(name, known, call)
        serializer = serializer or known.serializer
        # Celery 5.7 and later make dictionaries of Pydantic's models.
        dump = getattr(known, "_dump_pydantic_arguments", None)
        if dump is not None and serializer != "pickle":
            call = dump(*call)
    _check_serialisable(name, call, serializer or task.app.conf.task_serializer)


def _check_arity(name: str, task: Any, call: Call) -> None:  # noqa: ANN401 - Celery is untyped
    # As Celery does it. A class with a `run` of its own has no header.
    header = getattr(task, "__header__", None)
    if header is None or not task.typing:
        return
    args, kwargs = call
    try:
        header(*args, **kwargs)
    except TypeError as error:
        text = str(signature(task.run)), str(error)
        raise TaskArgumentsError(name, *text) from None


def _check_serialisable(name: str, call: Call, serializer: str) -> None:
    try:
        dumps(call, serializer)  # type: ignore[no-untyped-call]
    except EncodeError as error:
        raise ArgumentError(
            f"enqueue({name})",
            f"an argument that its serializer {serializer!r} refuses: {error}",
            "what it can carry, such as the key of a row instead of the row",
        ) from error
