"""What the journal hears of the queue: what reached it, and what the consumer ran."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from django.utils import timezone

from journal.models import Run, call_text
from journal.origin import origin

last_queued = ContextVar("last_queued", default="")


class Hooks:
    """Listen to the queue."""

    def queued(self, queue_id: str) -> None:
        """Remember the id under which the consumer will run the task."""
        last_queued.set(queue_id)

    def started(
        self, queue_id: str, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """Write down that the consumer took a task."""
        call = call_text(name, args, kwargs)
        origin.set(f"task {call}")
        Run.objects.create(queue_id=queue_id, call=call)

    def ended(self, queue_id: str, value: Any, error: BaseException | None) -> None:
        """Write down how the task ended."""
        outcome = str(value) if error is None else f"{type(error).__name__}: {error}"
        Run.objects.filter(queue_id=queue_id).update(
            outcome=outcome, failed=error is not None, ended_at=timezone.now()
        )
