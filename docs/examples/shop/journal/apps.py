"""The Django application."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Listen to the queue from the start of every process."""

    name = "journal"

    def ready(self) -> None:
        """Connect the hooks."""
        # Here, because they need the models.
        from journal.hooks import Hooks  # noqa: PLC0415
        from queues.choice import queue  # noqa: PLC0415

        queue.tell(Hooks())
