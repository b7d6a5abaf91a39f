"""Huey's hooks: what reached the queue, and what the consumer ran."""

from contextvars import ContextVar
from typing import Any

from django.utils import timezone
from huey.api import Task
from huey.contrib.djhuey import post_execute, pre_execute, signal
from huey.signals import SIGNAL_ENQUEUED

from journal.models import Run, call_text
from journal.origin import origin

last_queued = ContextVar("last_queued", default="")


@signal(SIGNAL_ENQUEUED)
def note_queued(name: str, task: Task) -> None:
    """Remember the id under which the consumer will run the task."""
    del name
    last_queued.set(task.id)


@pre_execute()
def note_start(task: Task) -> None:
    """Write down that the consumer took a task."""
    call = call_text(task.name, task.args, task.kwargs)
    origin.set(f"task {call}")
    Run.objects.create(queue_id=task.id, call=call)


@post_execute()
def note_end(task: Task, value: Any, error: Exception | None) -> None:
    """Write down how the task ended."""
    outcome = str(value) if error is None else f"{type(error).__name__}: {error}"
    Run.objects.filter(queue_id=task.id).update(
        outcome=outcome, failed=error is not None, ended_at=timezone.now()
    )
