"""The base class of tasks whose callers have yet to learn `airlock.enqueue()`."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from airlock.integrations.celery.call import Call
from airlock.integrations.celery.caller import user_frame
from airlock.integrations.celery.canvas_call import canvas_call
from airlock.integrations.celery.commit import (
    call_on_commit,
    delay_call_on_commit,
    delay_on_commit,
    send_on_commit,
    wait_for_commit,
)
from airlock.integrations.celery.entry import entry, is_lasting_entry, method_of
from airlock.integrations.executors.celery.publishing import is_passing, publishing
from celery import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LegacyTaskShim"]


class LegacyTaskShim(Task):  # type: ignore[misc]  # Celery is untyped
    """Route `delay()` and `apply_async()` through airlock, with a warning.

    So do `delay_on_commit()` and `apply_async_on_commit()`, which Celery's task for
    Django has. All return None: a buffered effect has no result yet. What Celery itself
    publishes, such as a retry, is sent at once. An `apply_async()` of a subclass is
    called when the message is sent.
    """

    abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - the bases'
        """Stand before a method that the subclass, or another base of it, has."""
        super().__init_subclass__(**kwargs)
        for name in ("apply_async_on_commit", "delay_on_commit"):
            # Of a base class before this one, it would call the shim at the commit.
            if getattr(cls, name).__module__.startswith("celery."):
                setattr(cls, name, vars(LegacyTaskShim)[name])
        # That of another base may be the intercept, neither strict nor lasting.
        if not is_lasting_entry(cls.apply_async):
            cls.apply_async = _enqueuing(method_of(cls, "apply_async"))  # type: ignore[method-assign]

    @entry
    def apply_async(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as Celery's
        """Enqueue the task in the current scope.

        Raises:
            NoScopeError: If no scope is active.
        """
        method = super(LegacyTaskShim, type(self)).apply_async
        return _enqueue_or_send(method, self, args, options)

    def apply_async_on_commit(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as Celery's
        """Enqueue the task; when it leaves the scope, it waits for Django's commit.

        Raises:
            NoScopeError: If no scope is active.
        """
        _enqueue_or_wait(call_on_commit, send_on_commit, self, args, options)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Celery's
        """Do as `apply_async_on_commit()`, with the arguments of the task.

        Raises:
            NoScopeError: If no scope is active.
        """
        _enqueue_or_wait(delay_call_on_commit, delay_on_commit, self, args, kwargs)


def _enqueuing(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def apply_async(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        return _enqueue_or_send(method, self, args, options)

    return entry(apply_async)


def _enqueue_or_send(
    method: Callable[..., Any],
    task: Any,  # noqa: ANN401 - Celery is untyped
    args: tuple[Any, ...],
    options: Mapping[str, Any],
) -> Any:  # noqa: ANN401 - what Celery returns
    frame = user_frame(task, task.name)
    if frame is None:
        # Marked for those that intercept the methods below.
        with publishing(task.name):
            return method(task, *args, **options)
    call = Call.of(method, task, args, options)
    if not is_passing(task.name, frame):
        call.warn(frame, canvas_call(frame))
    call.enqueue(frame)
    return None


def _enqueue_or_wait(
    read: Callable[..., Call],
    method: Callable[..., Any],
    task: Any,  # noqa: ANN401 - as above
    args: tuple[Any, ...],
    named: Mapping[str, Any],
) -> None:
    frame = user_frame(task, task.name)
    if frame is None:
        wait_for_commit(method, task, args, named)
        return
    call = read(method, task, args, named)
    call.warn(frame)
    call.enqueue(frame)
