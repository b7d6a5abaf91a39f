"""A task that Celery sends when the transaction commits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from airlock.integrations.executors.celery.publishing import publishing

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OnCommit"]


class OnCommit:
    """Stand for a task; when called, leave it to Celery to send it at the commit.

    Executors call it in place, as they do any function. Policies know it by the name
    of the task.

    Args:
        method: Celery's own `apply_async_on_commit`, as a function.
        task: The task.
        options: Its options: an executor would not hand them to a function.
    """

    def __init__(
        self,
        method: Callable[..., Any],
        task: Any,  # noqa: ANN401 - Celery is untyped
        options: dict[str, Any],
    ) -> None:
        self._method = method
        self._options = options
        self.__wrapped__ = task
        self.name = task.name

    def __call__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the task's
        """Let Celery wait for the commit, or send at once if there is none."""
        # In the place of the task: Celery calls `apply_async` of it, and only then is
        # the time to mark what is published as decided.
        sender = SimpleNamespace(apply_async=self._send)
        self._method(sender, args, kwargs, **self._options)

    def _send(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as Celery's
        with publishing():
            self.__wrapped__.apply_async(*args, **options)
