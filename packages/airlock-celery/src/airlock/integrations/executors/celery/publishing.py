"""Whether a message now being published has been decided about."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery._state import _task_stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["is_passing", "is_publishing", "publishing"]


@dataclass(eq=False, slots=True)
class _Message:
    """One message that is on its way through Celery's methods, and those over them.

    Attributes:
        name: The name of the task or canvas. Whatever else a class or a signal handler
            of the project's publishes meanwhile is not decided by it.
        running: How many tasks were running then. Celery's eager mode runs the task
            inside the call, and what that task publishes is not decided either.
        caller: The code that published it outside of any scope, if no scope decided.
        is_underway: Whether it still is. Contexts that were copied meanwhile, for an
            asyncio task or thread, live longer.
    """

    name: str
    running: int
    caller: FrameType | None
    is_underway: bool = True

    def is_of(self, name: str) -> bool:
        """Tell a call that belongs to this very message."""
        return self.is_underway and (self.name, self.running) == (
            name,
            len(_task_stack),
        )

    def end(self) -> None:
        """Note that the call has returned, or raised."""
        self.is_underway = False
        self.caller = None


_message: ContextVar[_Message | None] = ContextVar(
    "airlock_celery_message", default=None
)


def is_publishing(name: str) -> bool:
    """Tell what intercepts Celery's calls to let this one pass: it was decided."""
    message = _message.get()
    return message is not None and message.caller is None and message.is_of(name)


def is_passing(name: str, caller: FrameType) -> bool:
    """Tell a call of which `caller` has been told, and which no scope decided.

    It is part of such a canvas, or what a class of the project's makes of such a task.
    """
    message = _message.get()
    if message is None or message.caller is None:
        return False
    return message.caller is caller or message.is_of(name)


@contextmanager
def publishing(name: str, *, caller: FrameType | None = None) -> Iterator[None]:
    """Mark a task or canvas that is published in here, by default as decided.

    Args:
        name: Its name.
        caller: The code that published it, if no scope has decided.
    """
    message = _Message(name, len(_task_stack), caller)
    token = _message.set(message)
    try:
        yield
    finally:
        message.end()
        _message.reset(token)
