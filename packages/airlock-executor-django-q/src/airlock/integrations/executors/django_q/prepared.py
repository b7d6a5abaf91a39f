"""What django-q lets you prepare: an `AsyncTask`, a `Chain` or an `Iter`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock import ArgumentError, NotATaskError
from airlock.integrations.executors.django_q.chain import (
    check_chain,
    check_within_task,
    run_chain,
)
from airlock.integrations.executors.django_q.function import check_within
from airlock.integrations.executors.django_q.option import check_values

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["check_prepared", "is_prepared", "options_within", "run"]


def is_prepared(task: object) -> bool:
    """Tell it from a callable."""
    from django_q.tasks import AsyncTask, Chain, Iter  # noqa: PLC0415 - see message.py

    return isinstance(task, (AsyncTask, Chain, Iter))


def check_prepared(intent: Intent) -> None:
    """Raise for what would be queued and could not be run.

    Raises:
        NotATaskError: If it contains such a function, or comes with further arguments
            or options.
        ArgumentError: If it contains an option, or a step, that is none.
    """
    from django_q.tasks import Chain, Iter  # noqa: PLC0415 - see message.py

    _check_alone(intent)
    task: Any = intent.task
    if isinstance(task, Chain):
        check_chain(intent.name, task)
        return
    options = options_within(task)
    check_values(intent.name, options)
    check_within(intent.name, task.func)
    if isinstance(task, Iter) and options.get("chain"):
        raise ArgumentError(
            f"enqueue({intent.name})",
            "an Iter with a chain, which django-q would begin after each argument",
            "the Iter alone, and what follows it in its hook",
        )
    check_within_task(intent.name, options)


def run(task: Any) -> None:  # noqa: ANN401 - untyped
    """Let django-q run one that has been checked."""
    from django_q.tasks import Chain  # noqa: PLC0415 - see message.py

    if isinstance(task, Chain):
        run_chain(task)
    else:
        task.run()


def options_within(task: Any) -> dict[str, Any]:  # noqa: ANN401 - untyped
    """Return the options among the keyword arguments, as django-q will find them."""
    kwargs = dict(vars(task).get("kwargs", {}))
    apart = kwargs.pop("q_options", {})
    return {**kwargs, **apart}


def _check_alone(intent: Intent) -> None:
    if intent.args or intent.kwargs or intent.dispatch_options:
        raise NotATaskError(
            f"{intent.name}, prepared with django-q, and, beside it, arguments or "
            f"options that would be lost",
            "Enqueue it alone, or the function with its arguments: "
            "enqueue(function, 1, _dispatch_options={'group': 'mail'}).",
        )
