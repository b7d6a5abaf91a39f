"""Who publishes a message: the code that uses Celery, or Celery itself.

Celery publishes through the same methods as everybody else: the tracer sends the next
task of a chain, a backend the body of a chord, beat what is due, `retry()` the next
attempt. Buffered with the effects of a task that then fails, or in a process that has
no scope, such a message would be lost. Only the stack tells the two apart: it also
holds for a task without any base class of ours, and in places that cannot be patched.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from airlock.integrations.executors.celery.publishing import is_publishing
from celery import Celery, Task
from celery.canvas import Signature

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["first_argument", "user_frame"]

# What lies between a call and the code that made it. Of airlock it may be a function
# that was carried into a thread, or decorated.
_PLUMBING = (
    "airlock",
    "celery.canvas",
    "celery.app.base",
    "celery.app.task",
    "celery.local",
    "kombu",
    "vine",
)
# But these run in place what a scope let go, which for a canvas is to publish it.
_LETTING_GO = (
    "airlock._dispatch",
    "airlock._executor",
    "airlock.integrations.executors",
)
# A task class may override them and call its parent, and tracing tools wrap them: what
# they do with the same message is still their caller's wish.
_PUBLISHING_METHODS = frozenset({"apply_async", "delay", "send_task"})
# Methods of Celery's task by which a running task goes on in another message.
_CONTINUING_METHODS = frozenset({"add_to_chord", "on_replace", "replace", "retry"})


def user_frame(sender: Any, name: str) -> FrameType | None:  # noqa: ANN401 - Celery is untyped
    """Return the frame of the code that publishes, or None if it is decided already.

    It is when Celery publishes by itself, and when a scope let the effect go.

    Args:
        sender: The task, canvas or app whose method is called.
        name: The name of the task or canvas that is published.
    """
    if is_publishing(name):
        return None
    frame = sys._getframe(1)  # noqa: SLF001 - `inspect` would read every source file
    while _is_between(frame, sender, name):
        if _continues_a_task(frame):
            return None
        if frame.f_back is None:
            # A greenlet or thread was started with the very method to run.
            return frame
        frame = frame.f_back
    is_decided = _is_in("celery", frame) or _is_in_any(_LETTING_GO, frame)
    return None if is_decided else frame


def first_argument(frame: FrameType) -> object:
    """Return what the function of a frame was given first, such as its `self`."""
    names = frame.f_code.co_varnames
    first = frame.f_locals.get(names[0]) if names else None
    # A wrapper may take them all as `*args`.
    return first[0] if isinstance(first, tuple) and first else first


def _is_between(frame: FrameType, sender: Any, name: str) -> bool:  # noqa: ANN401
    if _is_in_any(_PLUMBING, frame):
        return not _is_in_any(_LETTING_GO, frame)
    if frame.f_code.co_name not in _PUBLISHING_METHODS:
        return False
    first: Any = first_argument(frame)
    if isinstance(first, Celery):
        # Not `is`: either may be a proxy.
        return bool(first == sender)
    return isinstance(first, (Signature, Task)) and first.name == name


def _continues_a_task(frame: FrameType) -> bool:
    name = frame.f_code.co_name
    return name in _CONTINUING_METHODS and _is_in("celery.app.task", frame)


def _is_in_any(packages: tuple[str, ...], frame: FrameType) -> bool:
    return any(_is_in(package, frame) for package in packages)


def _is_in(package: str, frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module == package or module.startswith(f"{package}.")
