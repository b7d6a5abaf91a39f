"""What the global intercept puts in the place of Celery's own methods."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import airlock
from airlock.integrations.celery.boundary import (
    marking_replacement,
    replacing,
    run_in_scope,
)
from airlock.integrations.celery.call import Call
from airlock.integrations.celery.caller import user_frame
from airlock.integrations.celery.commit import (
    call_on_commit,
    delay_call_on_commit,
    wait_for_commit,
)
from airlock.integrations.celery.parameter import given_name
from airlock.integrations.executors.celery.publishing import is_passing, publishing

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Method = Callable[..., Any]

__all__ = [
    "delaying_on_commit",
    "intercepting",
    "intercepting_on_commit",
    "intercepting_send_task",
    "marking",
    "postponing",
    "running_in_scope",
]

# Celery's methods are untyped, and so is what stands in for them.
# ruff: noqa: ANN401


def intercepting(original: Method) -> Method:
    """Return an `apply_async` of a task or canvas that asks the scope first."""

    @wraps(original)
    def apply_async(self: Any, /, *args: Any, **options: Any) -> Any:
        return _enqueue_or_send(
            self,
            self.name,
            lambda: Call.of(original, self, args, options),
            lambda: original(self, *args, **options),
        )

    return apply_async


def intercepting_send_task(original: Method) -> Method:
    """Return a `send_task` of an app that asks the scope first."""

    @wraps(original)
    def send_task(self: Any, /, *args: Any, **options: Any) -> Any:
        return _enqueue_or_send(
            self,
            given_name(original, args, options),
            lambda: Call.of_name(original, self, args, options),
            lambda: original(self, *args, **options),
        )

    return send_task


def intercepting_on_commit(original: Method) -> Method:
    """Return an `apply_async_on_commit` that asks the scope first.

    What left the scope still waits for the commit, as Celery has it.
    """
    return _waiting(original, call_on_commit)


def delaying_on_commit(original: Method) -> Method:
    """Return a `delay_on_commit` that does so too."""
    return _waiting(original, delay_call_on_commit)


def marking(original: Method) -> Method:
    """Return a `replace` of a task that tells the scope around it."""

    @wraps(original)
    def mark_and_replace(self: Any, sig: Any) -> Any:
        with marking_replacement(self):
            return original(self, sig)

    return mark_and_replace


def postponing(original: Method) -> Method:
    """Return an `on_replace` of a task that waits for the scope around it."""

    @wraps(original)
    def on_replace(self: Any, sig: Any) -> Any:
        return replacing(self, partial(original, self, sig))

    return on_replace


def running_in_scope(task_class: Any) -> Callable[[Method], Method]:
    """Return what makes a `__call__` that runs the task of a class in a scope."""
    # Not what is inherited, found anew: the worker replaces it, and tells by it.
    own = vars(task_class).get("__call__")

    def make(_: Method) -> Method:
        def __call__(self: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 - its name
            base = super(task_class, self)
            call = base.__call__ if own is None else own.__get__(self)  # type: ignore[operator]  # mypy takes it for a call of super
            return run_in_scope(self, call, args, kwargs)

        return __call__

    return make


def _waiting(original: Method, read: Callable[..., Call]) -> Method:
    @wraps(original)
    def on_commit(self: Any, /, *args: Any, **named: Any) -> None:
        _enqueue_or_send(
            self,
            self.name,
            lambda: read(original, self, args, named),
            lambda: wait_for_commit(original, self, args, named),
        )

    return on_commit


def _enqueue_or_send(
    sender: Any, name: str, read: Callable[[], Call], send: Callable[[], Any]
) -> Any:
    """Warn of a call that user code made, and buffer it if there is a scope."""
    frame = user_frame(sender, name)
    if frame is not None and not is_passing(name, frame):
        if airlock.get_current_scope() is not None:
            call = read()
            call.warn(frame)
            call.enqueue(frame)
            return None
        _advise(read, frame)
    with publishing(name, caller=frame):
        return send()


def _advise(read: Callable[[], Call], frame: FrameType) -> None:
    """Warn of a call that is made all the same."""
    try:
        call = read()
    except Exception:  # noqa: BLE001 - it is Celery's to say what is wrong with it
        return
    call.warn(frame)
