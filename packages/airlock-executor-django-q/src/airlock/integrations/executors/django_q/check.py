"""What is refused at the line of the enqueue, where a scope verifies."""

from __future__ import annotations

import pickle
from io import BytesIO
from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.executors.django_q.chain import completed
from airlock.integrations.executors.django_q.message import check_task
from airlock.integrations.executors.django_q.prepared import (
    is_prepared,
    options_within,
)

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["check"]


def check(intent: Intent) -> None:
    """Raise what the flush or the worker would, and send nothing."""
    check_task(intent)
    if is_prepared(intent.task):
        options = options_within(intent.task)
        parts = {**vars(intent.task), "kwargs": _without_broker(options)}
        _check_pickle(intent, _without_broker(parts))
    else:
        options = dict(intent.dispatch_options or {})
        task = intent.task, intent.args, intent.kwargs
        _check_pickle(intent, (*task, _without_broker(completed(options))))
    _check_hook(intent, options.get("hook"))


def _without_broker(content: dict[str, Any]) -> dict[str, Any]:
    # The one thing that stays here.
    return {name: value for name, value in content.items() if name != "broker"}


def _check_hook(intent: Intent, hook: object) -> None:
    from django.utils.module_loading import import_string  # noqa: PLC0415 - slow

    if not isinstance(hook, str):
        return
    try:
        import_string(hook)
    except ImportError as error:
        # The cluster would write a line into its log, and the hook would not run.
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"the dispatch option 'hook' as {hook!r}: {error}",
            "the function itself, or the path from which it can be imported",
        ) from error


def _check_pickle(intent: Intent, content: object) -> None:
    from django.db.models import QuerySet  # noqa: PLC0415 - needs settings

    class Probe(pickle.Pickler):
        # To pickle one is to run it, and nothing may be asked of a database here.
        def reducer_override(self, value: Any) -> Any:  # noqa: ANN401
            return (object, ()) if isinstance(value, QuerySet) else NotImplemented

    try:
        Probe(BytesIO(), pickle.HIGHEST_PROTOCOL).dump(content)
    except Exception as error:
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"what cannot be pickled: {error}",
            "a function at the top of a module, and arguments that can be pickled, "
            "such as the key of a row",
        ) from error
