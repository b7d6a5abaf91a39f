"""Where tables are."""

from __future__ import annotations

# What the admin needs.
DJANGOS = {"admin", "auth", "contenttypes"}


class BakeryRouter:
    """Keep the tables of Django's own applications on one database."""

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        """Put Django's own where they are used, and all others everywhere."""
        del hints
        return db == "default" or app_label not in DJANGOS
