"""Where tables are."""

from __future__ import annotations


class BakeryRouter:
    """Keep the tables of Django's own applications on one database."""

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        """Put orders everywhere, and the rest where it is used."""
        del hints
        return app_label == "bakery" or db == "default"
