"""The base class of tasks whose callers have yet to learn `airlock.enqueue()`."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from airlock.integrations.celery.call import Call
from airlock.integrations.celery.caller import user_frame
from airlock.integrations.celery.canvas_call import canvas_call
from airlock.integrations.celery.entry import entry, is_entry, method_of
from airlock.integrations.executors.celery.publishing import publishing
from celery import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LegacyTaskShim"]


class LegacyTaskShim(Task):  # type: ignore[misc]  # Celery is untyped
    """Route `delay()` and `apply_async()` through airlock, with a warning.

    Both return None: a buffered effect has no result yet. What Celery itself
    publishes, such as a retry, is sent at once. An `apply_async()` of a subclass is
    called when the message is sent.
    """

    abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - the bases'
        """Stand before a method that the subclass, or another base of it, has."""
        super().__init_subclass__(**kwargs)
        if not is_entry(cls.apply_async):
            cls.apply_async = _enqueuing(method_of(cls, "apply_async"))  # type: ignore[method-assign]

    @entry
    def apply_async(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as Celery's
        """Enqueue the task in the current scope.

        Raises:
            NoScopeError: If no scope is active.
        """
        method = super(LegacyTaskShim, type(self)).apply_async
        return _enqueue_or_send(method, self, args, options)


def _enqueuing(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def apply_async(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        return _enqueue_or_send(method, self, args, options)

    return entry(apply_async)


def _enqueue_or_send(
    method: Callable[..., Any],
    task: LegacyTaskShim,
    args: tuple[Any, ...],
    options: Mapping[str, Any],
) -> Any:  # noqa: ANN401 - what Celery returns
    frame = user_frame()
    if frame is None:
        # Marked for those that intercept the methods below.
        with publishing():
            return method(task, *args, **options)
    call = Call.of(method, task, args, options)
    call.warn(frame, canvas_call(frame))
    call.enqueue(frame)
    return None
