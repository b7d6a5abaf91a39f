"""One intent becomes one call of django-q's `async_task()`.

Django-q reads the settings when it is imported, and needs its models: it is imported
when it is used, so that the executor can be named in these settings.
"""

from __future__ import annotations

from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from airlock import NotATaskError
from airlock.integrations.executors.django_q.bound import bound
from airlock.integrations.executors.django_q.option import options_of
from airlock.integrations.executors.django_q.outlasting import outlast

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["adispatch", "check_task", "dispatch", "is_message", "publish"]


def dispatch(intent: Intent) -> None:
    """Queue a callable, or run what is a message of django-q's own."""
    check_task(intent)
    task: Any = intent.task
    if is_message(task):
        task.run()
        return
    publish(intent, options_of(intent))


async def adispatch(intent: Intent) -> None:
    """Do so in a thread: Django refuses to touch a database in an event loop."""
    await outlast(partial(sync_to_async(dispatch), intent))


def publish(intent: Intent, options: dict[str, Any]) -> None:
    """Queue a callable that has been checked, with these options."""
    from django_q.conf import Conf  # noqa: PLC0415 - see above
    from django_q.humanhash import uuid  # noqa: PLC0415
    from django_q.tasks import async_task  # noqa: PLC0415

    if options.get("chain"):
        # As async_chain() has it: without them the cluster's monitor breaks.
        ours = {"group": uuid()[1], "cached": Conf.CACHED, "sync": Conf.SYNC}
        options = {**ours, **options}
    function, kwargs = bound(intent.task, dict(intent.kwargs))
    async_task(function, *intent.args, q_options=options, **kwargs)


def is_message(task: object) -> bool:
    """Tell what django-q lets you prepare from a callable."""
    from django_q.tasks import AsyncTask, Chain, Iter  # noqa: PLC0415 - see above

    return isinstance(task, (AsyncTask, Chain, Iter))


def check_task(intent: Intent) -> None:
    """Raise for what would be queued and could not be run.

    Raises:
        NotATaskError: If it is such.
        DjangoQOptionError: If django-q does not know an option.
    """
    if is_message(intent.task):
        _check_alone(intent)
        return
    options_of(intent)
    if not callable(intent.task):
        raise NotATaskError(
            f"{intent.name}, a {type(intent.task).__name__} that cannot be called",
            "Enqueue a function that a worker can import, or an AsyncTask, Chain or "
            "Iter of django-q.",
        )
    if iscoroutinefunction(intent.task):
        raise NotATaskError(
            f"{intent.name}, a coroutine function that no cluster would await",
            "Enqueue a plain function that runs it: asgiref.sync.async_to_sync().",
        )
    if getattr(intent.task, "__module__", None) == "__main__":
        raise NotATaskError(
            f"{intent.name}, which a worker would look for in a __main__ of its own",
            "Move it into a module that both can import.",
        )


def _check_alone(intent: Intent) -> None:
    if intent.args or intent.kwargs or intent.dispatch_options:
        raise NotATaskError(
            f"{intent.name}, prepared with django-q, and, beside it, arguments or "
            f"options that would be lost",
            "Enqueue it alone, or the function with its arguments: "
            "enqueue(function, 1, _dispatch_options={'group': 'mail'}).",
        )
