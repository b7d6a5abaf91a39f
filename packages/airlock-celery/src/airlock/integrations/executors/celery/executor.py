"""The executor, and what a scope may ask of it beside one dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock.integrations.executors.celery.batch import dispatch_many
from airlock.integrations.executors.celery.check import check
from airlock.integrations.executors.celery.message import dispatch

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from airlock import Intent

__all__ = ["celery_executor"]


def celery_executor(intent: Intent) -> Awaitable[object] | None:
    """Publish a Celery task, signature or canvas; call anything else in place.

    ``_dispatch_options`` are the options of Celery's ``apply_async()``. A chain,
    group or chord is published whole. What intercepts Celery's calls lets these
    pass.

    Raises:
        CeleryOptionError: If Celery does not know an option, or it cannot wait.
        ArgumentError: If Celery would drop an argument beside a signature.
        NotATaskError: If it is the class of a task, and not a task.
        kombu.exceptions.OperationalError: If the broker cannot be reached.
    """
    return dispatch(intent)


# What a scope with verify=True looks for, and what a flush of many intents does.
celery_executor.check = check  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
celery_executor.dispatch_many = dispatch_many  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
