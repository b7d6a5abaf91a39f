"""One intent becomes one call of Celery's `apply_async()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery.canvas import Signature

from airlock import ArgumentError
from airlock.integrations.executors.celery.option import options_of
from airlock.integrations.executors.celery.publishing import publishing
from airlock.integrations.executors.celery.stock import is_celery, refuse_class
from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airlock import Intent

__all__ = ["dispatch", "publish", "refuse_lost_arguments"]


def dispatch(intent: Intent) -> object:
    """Publish what is Celery's, call all else in place."""
    if is_celery(intent.task):
        publish(intent)
        return None
    refuse_class(intent.task)
    return sync_executor(intent)


def publish(intent: Intent, **further: object) -> None:
    """Publish one task or canvas.

    Args:
        intent: What to publish.
        further: Options for `apply_async()` that go before those of the intent.
    """
    options = {**options_of(intent), **further}
    refuse_lost_arguments(intent)
    task: Any = intent.task
    with publishing():
        # A copy: a chord takes out of its keyword arguments what it knows.
        task.apply_async(args=intent.args, kwargs=dict(intent.kwargs), **options)


def refuse_lost_arguments(intent: Intent) -> None:
    """Raise if Celery would drop the arguments beside a signature.

    Raises:
        ArgumentError: If a task that is to be given them is immutable.
    """
    task: object = intent.task
    has_arguments = intent.args or intent.kwargs
    if has_arguments and isinstance(task, Signature) and _is_immutable(task):
        raise ArgumentError(
            f"enqueue({intent.name})",
            "arguments beside an immutable signature, which Celery would drop",
            "them to the signature itself, as in task.si(1, 2), or use task.s()",
        )


def _is_immutable(message: Mapping[str, Any]) -> bool:
    return bool(message["immutable"]) or any(map(_is_immutable, _receivers(message)))


def _receivers(canvas: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the members to which Celery gives the arguments beside a canvas."""
    # Not by class and attribute: members may be plain dictionaries.
    inside = canvas["kwargs"]
    match canvas["subtask_type"]:
        case "chain":
            return inside["tasks"][:1]
        case "group":
            return inside["tasks"]
        case "chord":
            header = inside["header"]
            return [header] if isinstance(header, dict) else header
    return ()
