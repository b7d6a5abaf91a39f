"""Intents in the words of a log line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airlock import Intent


def counted(intents: Iterable[Intent]) -> str:
    """Return each task's name with how many there are; arguments may be secrets."""
    counts = Counter(intent.name for intent in intents)
    return ", ".join(f"{name} ({count})" for name, count in counts.items())
