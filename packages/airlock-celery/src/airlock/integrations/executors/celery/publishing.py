"""Whether a message now being published comes from the executor itself."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from celery._state import _task_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_publishing", "publishing"]

# How many tasks were running when it was decided. Celery's eager mode runs the task
# inside the call that publishes it, and what that task publishes is not decided yet.
_publishing: ContextVar[int | None] = ContextVar(
    "airlock_celery_publishing", default=None
)


def is_publishing() -> bool:
    """Tell what intercepts Celery's calls to let this one pass: it was decided."""
    return _publishing.get() == len(_task_stack)


@contextmanager
def publishing() -> Iterator[None]:
    """Mark what Celery is called for in here as decided by a scope."""
    token = _publishing.set(len(_task_stack))
    try:
        yield
    finally:
        _publishing.reset(token)
