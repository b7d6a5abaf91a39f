"""Huey, on a file. Nothing has to be installed or started for it."""

from collections.abc import Callable
from typing import Any

from huey.api import Task
from huey.contrib.djhuey import HUEY, db_task, post_execute, pre_execute, signal
from huey.signals import SIGNAL_ENQUEUED

from queues.choice import Listener

# One worker: tasks end in the order in which they were queued.
CONSUMER = ("manage", "run_huey", "--workers=1", "--delay=0.05", "--max-delay=0.1")


def task(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a task that closes its connections to the database."""
    made: Callable[..., Any] = db_task()(function)
    return made


def send(task: Any) -> str:
    """Call the task, which queues it."""
    return str(task().id)


def pending() -> int:
    """Ask the file."""
    return int(HUEY.pending_count())


def tell(listener: Listener) -> None:
    """Connect the hooks of Huey."""

    @signal(SIGNAL_ENQUEUED)
    def queued(_: str, task: Task) -> None:
        listener.queued(task.id)

    @pre_execute(name="journal")
    def started(task: Task) -> None:
        listener.started(task.id, task.name, task.args, task.kwargs)

    @post_execute(name="journal")
    def ended(task: Task, value: Any, error: Exception | None) -> None:
        listener.ended(task.id, value, error)


def remove() -> None:
    """Do nothing: the file is in the folder of the data."""
