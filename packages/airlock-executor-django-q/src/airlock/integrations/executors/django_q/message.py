"""One intent becomes one call of django-q's `async_task()`.

Django-q reads the settings when it is imported, and needs its models: it is imported
when it is used, so that the executor can be named in these settings.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from airlock.integrations.executors.django_q.bound import bound
from airlock.integrations.executors.django_q.chain import check_option, completed
from airlock.integrations.executors.django_q.function import check_function
from airlock.integrations.executors.django_q.option import check_values, options_of
from airlock.integrations.executors.django_q.prepared import (
    check_prepared,
    is_prepared,
    run,
)
from airlock.integrations.executors.outlasting import outlast

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["adispatch", "check_task", "dispatch", "publish"]


def dispatch(intent: Intent) -> None:
    """Queue a callable, or run what is a message of django-q's own."""
    check_task(intent)
    if is_prepared(intent.task):
        run(intent.task)
        return
    publish(intent, options_of(intent))


async def adispatch(intent: Intent) -> None:
    """Do so in a thread: Django refuses to touch a database in an event loop."""
    await outlast(partial(sync_to_async(dispatch), intent))


def publish(intent: Intent, options: dict[str, Any]) -> None:
    """Queue a callable that has been checked, with these options."""
    from django_q.tasks import async_task  # noqa: PLC0415 - see above

    function, kwargs = bound(intent.task, dict(intent.kwargs))
    async_task(function, *intent.args, q_options=completed(options), **kwargs)


def check_task(intent: Intent) -> None:
    """Raise for what would be queued and could not be run.

    Raises:
        NotATaskError: If it is such.
        DjangoQOptionError: If django-q does not know an option.
        ArgumentError: If an option has a value that is none, or a chain would end
            early.
    """
    if is_prepared(intent.task):
        check_prepared(intent)
        return
    options = options_of(intent)
    check_function(intent.name, intent.task)
    check_values(intent.name, options)
    check_option(intent.name, options)
