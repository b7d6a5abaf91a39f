"""An executor of the project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airlock import Intent

handed: list[str] = []


def custom_executor(intent: Intent) -> None:
    """Note what was handed over."""
    handed.append(intent.name)


def away(intent: Intent) -> None:
    """Be a broker that cannot be reached."""
    raise ConnectionError(intent.name)
