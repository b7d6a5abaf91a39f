"""A task that Celery sends when the transaction commits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from airlock.integrations.celery.call import Call
from airlock.integrations.executors.celery.publishing import publishing
from celery import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Method = Callable[..., Any]

__all__ = [
    "OnCommit",
    "call_on_commit",
    "delay_call_on_commit",
    "delay_on_commit",
    "send_on_commit",
    "wait_for_commit",
]

# Celery's methods are untyped.
# ruff: noqa: ANN401


def call_on_commit(
    method: Method, task: Any, given: tuple[Any, ...], named: Mapping[str, Any]
) -> Call:
    """Read a call of `method`, an `apply_async_on_commit`.

    What is to be enqueued is then no task: it is called, and waits for the commit.
    """
    call = Call.of(method, task, given, named)

    def wait(*args: Any, **kwargs: Any) -> None:
        # With the options: an executor would not hand them to a function.
        wait_for_commit(method, task, (args, kwargs), call.options)

    return _waiting(call, task, wait, "apply_async_on_commit()")


def delay_call_on_commit(
    method: Method, task: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Call:
    """Read a call of `method`, a `delay_on_commit`, in the same way."""

    def wait(*args: Any, **kwargs: Any) -> None:
        wait_for_commit(method, task, args, kwargs)

    call = Call.of(Task.apply_async, task, (args, kwargs), {})
    return _waiting(call, task, wait, "delay_on_commit()")


def _waiting(call: Call, task: Any, wait: Callable[..., None], method: str) -> Call:
    waiting: Any = OnCommit(task, wait)
    if call.called is not task:
        # A signature that brings arguments which `enqueue()` would keep.
        waiting = partial(waiting, **call.called.kwargs)
    where = ", in a scope that waits for the commit, as DjangoScope does"
    return replace(call, target=waiting, method=method, where=where)


def send_on_commit(task: Any, *args: Any, **options: Any) -> None:
    """Do as the method of Celery's task for Django, for a task that is none.

    Raises:
        ImportError: If Django is not installed.
    """
    from celery.contrib.django.task import transaction  # noqa: PLC0415 - optional

    transaction.on_commit(partial(task.apply_async, *args, **options))


def delay_on_commit(task: Any, *args: Any, **kwargs: Any) -> None:
    """Do as the other method of it.

    Raises:
        ImportError: If Django is not installed.
    """
    from celery.contrib.django.task import transaction  # noqa: PLC0415 - optional

    transaction.on_commit(partial(task.delay, *args, **kwargs))


def wait_for_commit(
    method: Method, task: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    """Let Celery wait for the commit, or send at once if there is none.

    Args:
        method: A method of Celery's that does so, as a function.
        task: The task.
        args: What the method is given.
        kwargs: The same by name.
    """

    def marked(name: str) -> Method:
        def send(*args: Any, **kwargs: Any) -> None:
            with publishing(task.name):
                getattr(task, name)(*args, **kwargs)

        return send

    # In the place of the task: Celery calls a method of it at the commit, and only then
    # is the time to mark what is published as decided.
    sender = SimpleNamespace(apply_async=marked("apply_async"), delay=marked("delay"))
    method(sender, *args, **kwargs)


class OnCommit:
    """Stand for a task; when called, leave it to Celery to send it at the commit.

    Executors call it in place, as they do any function. Policies know it by the name
    of the task.

    Args:
        task: The task.
        wait: What to call with the arguments of the task.
    """

    def __init__(self, task: Any, wait: Callable[..., None]) -> None:
        self._wait = wait
        self.__wrapped__ = task
        self.name = task.name

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Wait for the commit."""
        self._wait(*args, **kwargs)
