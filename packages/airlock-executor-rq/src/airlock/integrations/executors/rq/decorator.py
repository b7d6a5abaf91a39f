"""What RQ's ``@job`` says of a function."""

from __future__ import annotations

import inspect
from typing import Any

from rq import Queue
from rq.decorators import job

__all__ = ["declared_options", "declared_queue"]

_DECLARED = (
    *("timeout", "result_ttl", "ttl", "failure_ttl", "description", "depends_on"),
    *("at_front", "meta", "retry", "on_success", "on_failure", "on_stopped"),
    "webhooks",
)


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
