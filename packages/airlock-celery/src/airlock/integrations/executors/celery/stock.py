"""What kind of task it is, and whether Celery alone publishes it."""

from __future__ import annotations

from airlock import NotATaskError
from celery import Task
from celery.canvas import Signature

__all__ = ["is_celery", "is_stock", "refuse_class", "task_of"]


def is_celery(task: object) -> bool:
    """Tell a task or canvas from what merely has methods of the same names."""
    return isinstance(task, (Task, Signature))


def refuse_class(task: object) -> None:
    """Raise for the class of a task: calling it would only make an instance.

    Raises:
        NotATaskError: If it is one.
    """
    if isinstance(task, type) and issubclass(task, Task):
        name = task.__qualname__
        raise NotATaskError(
            f"{name}, the class of a Celery task",
            f"Register it, and enqueue the task: task = app.register_task({name}()).",
        )


def task_of(task: Task | Signature) -> Task | None:
    """Return the task that a signature is for, if this process knows it."""
    if isinstance(task, Task):
        return task
    try:
        return task.type
    except KeyError:
        return None


def is_stock(task: Task | Signature) -> bool:
    """Tell that nobody's own class takes part in publishing.

    One that does may know options that Celery does not, and may count on the
    message having left when Celery's method returns.
    """
    known = task_of(task)
    return _is_celerys(task.app, "send_task") and (
        known is None or _is_celerys(known, "apply_async")
    )


def _is_celerys(owner: object, method: str) -> bool:
    # Not type(owner): the owner may be a proxy.
    kinds = owner.__class__.__mro__
    definer = next(kind for kind in kinds if method in vars(kind))
    return definer.__module__.startswith(("celery.", "airlock."))
