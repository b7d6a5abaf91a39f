"""The executor, and what a scope may ask of it beside one dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock.integrations.executors.django_q.batch import dispatch_many
from airlock.integrations.executors.django_q.check import check
from airlock.integrations.executors.django_q.loop import is_in_event_loop
from airlock.integrations.executors.django_q.message import adispatch, dispatch

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["django_q_executor"]


def django_q_executor(intent: Intent) -> object:
    """Queue any importable callable with django-q's ``async_task()``.

    ``_dispatch_options`` are the options of ``async_task()``, and never mix with the
    task's arguments. An ``AsyncTask``, ``Chain`` or ``Iter`` is run as it is. In the
    thread of a running event loop it returns an awaitable that does so in a thread, and
    ends with it, also when it is cancelled.

    Raises:
        DjangoQOptionError: If django-q does not know an option.
        NotATaskError: If no cluster could run the task, or it is a message that
            comes with further arguments or options.
    """
    if is_in_event_loop():
        return adispatch(intent)
    dispatch(intent)
    return None


# What a scope with verify=True looks for, and what a flush of many intents does.
django_q_executor.check = check  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
django_q_executor.dispatch_many = dispatch_many  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
