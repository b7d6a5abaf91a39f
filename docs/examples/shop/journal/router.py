"""Which database holds what."""

from typing import Any

from django.db.models import Model

JOURNAL = "journal"


class JournalRouter:
    """Keep the journal in a database of its own."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Name the journal's database for its own models."""
        del hints
        return JOURNAL if model._meta.app_label == JOURNAL else None  # noqa: SLF001

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Make each table in one database only."""
        del hints
        return (db == JOURNAL) == (app_label == JOURNAL)
