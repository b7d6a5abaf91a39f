"""One intent becomes one call of Celery's `apply_async()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.executors.celery.option import check_options
from airlock.integrations.executors.celery.producer import (
    app_that_lends,
    lent_producer,
)
from airlock.integrations.executors.celery.publishing import publishing
from airlock.integrations.executors.celery.stock import is_celery, refuse_class
from airlock.integrations.executors.sync import sync_executor
from celery.canvas import Signature

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping, Sequence

    from airlock import Intent

__all__ = ["check_arguments", "check_message", "dispatch", "publish"]


def dispatch(intent: Intent) -> Awaitable[object] | None:
    """Publish what is Celery's, call all else in place; return what to await."""
    if not is_celery(intent.task):
        refuse_class(intent.task)
        return sync_executor(intent)
    check_message(intent)
    app = app_that_lends(intent)
    if app is None or app.conf.task_always_eager:
        publish(intent)
        return None
    with lent_producer(app) as producer:
        publish(intent, producer=producer)
    return None


def publish(intent: Intent, **further: object) -> None:
    """Publish one task or canvas that has been checked.

    Args:
        intent: What to publish.
        further: Options for `apply_async()` that go before those of the intent.
    """
    task: Any = intent.task
    options = {**(intent.dispatch_options or {}), **further}
    with publishing(task.name):
        # By place, as Celery does: an override may have names of its own for them. A
        # copy: a chord takes out of its keyword arguments what it knows.
        task.apply_async(intent.args, dict(intent.kwargs), **options)


def check_message(intent: Intent) -> None:
    """Raise for an option or argument that Celery would silently drop.

    Raises:
        CeleryOptionError: If Celery does not know an option, or it cannot wait.
        ArgumentError: If a task that is to be given arguments is immutable.
    """
    task: object = intent.task
    if intent.dispatch_options:
        check_options(task, intent.name, intent.dispatch_options)
    check_arguments(task, intent.name, intent.args, intent.kwargs)


def check_arguments(
    task: object, name: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> None:
    """Raise for arguments beside a signature or canvas that would not take them.

    Raises:
        ArgumentError: If it or a member that is to be given them is immutable.
    """
    if (args or kwargs) and isinstance(task, Signature) and _is_immutable(task):
        raise ArgumentError(
            f"enqueue({name})",
            "arguments beside an immutable signature, which Celery would drop",
            "them to the signature itself, as in task.si(1, 2), or use task.s()",
        )


def _is_immutable(message: Mapping[str, Any]) -> bool:
    return bool(message.get("immutable")) or any(
        map(_is_immutable, _receivers(message))
    )


def _receivers(canvas: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the members to which Celery gives the arguments beside a canvas."""
    # Not by class and attribute: members may be plain dictionaries.
    receivers: Iterable[Mapping[str, Any]] = ()
    inside = canvas["kwargs"]
    match canvas.get("subtask_type"):
        case "chain":
            receivers = inside["tasks"][:1]
        case "group":
            receivers = inside["tasks"]
        case "chord":
            header = inside["header"]
            receivers = [header] if isinstance(header, dict) else header
    return receivers
