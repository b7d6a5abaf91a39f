"""The Django application."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Listen to the queue from the start of every process."""

    name = "journal"

    def ready(self) -> None:
        """Connect the hooks of Huey."""
        from journal import hooks  # noqa: F401, PLC0415 - it needs the models
