"""The canvas by which code came to call a task.

Nothing stands before the methods of a canvas where only a task class is a shim. When
that hears of it, Celery has taken the canvas apart, and only the stack knows it whole.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from airlock.integrations.celery.caller import first_argument
from airlock.integrations.celery.snapshot import snapshot
from airlock.integrations.celery.written import advice, enqueue_of
from celery.canvas import Signature

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["canvas_call"]

_METHODS = frozenset({"__call__", "apply_async", "delay"})
# What Celery has added by then: to the options of the call, to those of the canvas
# and, before 5.7, to those of the members of a chord.
_ADDED = frozenset(
    {"chord", "group_id", "group_index", "parent_id", "reply_to", "root_id", "task_id"}
)


def canvas_call(user: FrameType) -> str:
    """Return the `airlock.enqueue` to write if `user` called a canvas, or else ''."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - as in `caller`
    found = ""
    while frame is not None and frame is not user:
        called = _canvas_called_in(frame)
        if called is not None:
            found = advice(partial(_enqueue_of, called, frame))
        frame = frame.f_back
    return found


def _canvas_called_in(frame: FrameType) -> Signature | None:
    if frame.f_code.co_name not in _METHODS:
        return None
    called = first_argument(frame)
    if isinstance(called, Signature) and called.get("subtask_type"):
        return called
    return None


def _enqueue_of(called: Signature, frame: FrameType) -> str:
    given = frame.f_locals
    args = given.get("partial_args") or given.get("args") or ()
    kwargs = given.get("partial_kwargs") or given.get("kwargs") or {}
    canvas: Any = _as_it_was(called)
    if frame.f_code.co_name == "__call__" and given.get("body"):
        # Of `chord(header)(body)`: later frames have it changed.
        canvas.body = given["body"]
    own = canvas["options"]
    options = {
        name: value
        for name, value in given.get("options", {}).items()
        if name not in _ADDED and own.get(name) != value
    }
    return enqueue_of(canvas, args, kwargs, options)


def _as_it_was(canvas: Signature) -> Any:  # noqa: ANN401 - Celery is untyped
    copied = snapshot(canvas)
    header = copied["kwargs"].get("header")
    for part in (copied, *(header if type(header) is list else ())):
        for name in _ADDED:
            part["options"].pop(name, None)
    return copied
