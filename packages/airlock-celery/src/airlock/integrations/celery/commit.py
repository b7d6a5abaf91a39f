"""A task that Celery sends when the transaction commits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from airlock.integrations.celery.call import Call
from airlock.integrations.executors.celery.publishing import publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["OnCommit", "call_on_commit", "send_on_commit"]


def call_on_commit(
    method: Callable[..., Any],
    task: Any,  # noqa: ANN401 - Celery is untyped
    given: tuple[Any, ...],
    named: Mapping[str, Any],
) -> Call:
    """Read a call of `method`, an `apply_async_on_commit`.

    What is to be enqueued is then no task: it is called, and waits for the commit.
    """
    call = Call.of(method, task, given, named)
    waiting: Any = OnCommit(method, task, call.options)
    if call.called is not task:
        waiting = partial(waiting, **call.called.kwargs)
    return replace(call, target=waiting)


def send_on_commit(task: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as Celery's
    """Do as the method of Celery's task for Django, for a task that is none.

    Raises:
        ImportError: If Django is not installed.
    """
    from celery.contrib.django.task import transaction  # noqa: PLC0415 - optional

    transaction.on_commit(partial(task.apply_async, *args, **options))


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
        with publishing(self.name):
            self.__wrapped__.apply_async(*args, **options)
