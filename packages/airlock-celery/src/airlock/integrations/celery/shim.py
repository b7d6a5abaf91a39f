"""The base class of tasks whose callers have yet to learn `airlock.enqueue()`."""

from __future__ import annotations

from typing import Any

from airlock.integrations.celery.call import Call
from airlock.integrations.celery.caller import user_frame
from airlock.integrations.executors.celery.publishing import is_publishing, publishing
from celery import Task

__all__ = ["LegacyTaskShim"]


class LegacyTaskShim(Task):  # type: ignore[misc]  # Celery is untyped
    """Route `delay()` and `apply_async()` through airlock, with a warning.

    Both return None: a buffered effect has no result yet. What Celery itself
    publishes, such as a retry, is sent at once.
    """

    abstract = True

    def apply_async(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as Celery's
        """Enqueue the task in the current scope.

        Raises:
            NoScopeError: If no scope is active.
        """
        frame = None if is_publishing() else user_frame()
        if frame is None:
            # Marked for those that intercept the method of the parent.
            with publishing():
                return super().apply_async(*args, **options)
        call = Call.of(Task.apply_async, self, args, options)
        call.warn(frame)
        call.enqueue(frame)
        return None
