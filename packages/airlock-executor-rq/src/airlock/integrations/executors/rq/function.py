"""The function of a job: where a worker finds it, and where it belongs."""

from __future__ import annotations

import inspect
import sys
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from airlock import NotATaskError
from rq import Queue
from rq.decorators import job

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["check_importable", "declared_options", "declared_queue"]

_DECLARED = (
    *("timeout", "result_ttl", "ttl", "failure_ttl", "description", "depends_on"),
    *("at_front", "meta", "retry", "on_success", "on_failure", "on_stopped"),
    "webhooks",
)


def check_importable(intent: Intent) -> None:
    """Raise for what a worker could not find again: it is told a path, or a pickle.

    Raises:
        NotATaskError: If it is such a function.
    """
    function: Any = intent.task
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, type) or not callable(function):
        problem = "which RQ cannot call" if callable(function) else "no function"
    elif inspect.ismethod(function):
        owner = function.__self__
        kind = owner if isinstance(owner, type) else type(owner)
        problem = _problem(kind.__module__, kind.__qualname__, kind)
    elif inspect.isfunction(function) or inspect.isbuiltin(function):
        problem = _problem(function.__module__, function.__qualname__, function)
    else:
        kind = type(function)
        problem = _problem(kind.__module__, kind.__qualname__, kind)
    if problem:
        raise NotATaskError(
            f"{intent.name}, {problem}",
            "Enqueue a function that stands at the top of a module which the worker "
            "can import as well.",
        )


def _problem(module: str | None, path: str, wanted: object) -> str:
    if module == "__main__":
        return "which for a worker is in another module than __main__"
    found: object = sys.modules.get(module or "")
    try:
        found = reduce(getattr, path.split("."), found)
    except AttributeError:
        found = None
    return "" if found is wanted else "which a worker cannot import"


def declared_queue(function: object) -> Queue | None:
    """Return the queue that RQ's ``@job`` names, or None."""
    declared = _decorator(function)
    if declared is None:
        return None
    queue: Queue | str = declared.queue
    if isinstance(queue, Queue):
        return queue
    made: Queue = declared.queue_class(name=queue, connection=declared.connection)
    return made


def declared_options(function: object) -> dict[str, Any]:
    """Return the options that RQ's ``@job`` was given."""
    declared = _decorator(function)
    given = {name: getattr(declared, name, None) for name in _DECLARED}
    return {name: value for name, value in given.items() if value is not None}


def _decorator(function: object) -> Any:  # noqa: ANN401 - of RQ, or a class of it
    # Its `enqueue()` would take arguments of the task for options. It keeps what was
    # declared where only it can see it.
    enqueue = getattr(function, "enqueue", None)
    if not inspect.isfunction(function) or not inspect.isfunction(enqueue):
        return None
    # Not inspect.getclosurevars(), which takes longer than RQ does for the job.
    names, cells = enqueue.__code__.co_freevars, enqueue.__closure__ or ()
    cell = dict(zip(names, cells, strict=True)).get("self")
    declared = cell and cell.cell_contents
    return declared if isinstance(declared, job) else None
