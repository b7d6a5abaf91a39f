"""Whether a message now being published comes from the executor itself."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_publishing", "not_publishing", "publishing"]

_publishing: ContextVar[bool] = ContextVar("airlock_celery_publishing", default=False)


def is_publishing() -> bool:
    """Tell what intercepts Celery's calls to let this one pass: it was decided."""
    return _publishing.get()


@contextmanager
def publishing() -> Iterator[None]:
    """Mark what Celery is called for in here as decided by a scope."""
    token = _publishing.set(True)
    try:
        yield
    finally:
        _publishing.reset(token)


@contextmanager
def not_publishing() -> Iterator[None]:
    """Take the mark away, for a task that runs in place while it is published."""
    token = _publishing.set(False)
    try:
        yield
    finally:
        _publishing.reset(token)
