"""Whether an event loop runs in this thread."""

from __future__ import annotations

import asyncio

__all__ = ["is_in_event_loop"]


def is_in_event_loop() -> bool:
    """Tell as Django does where it refuses synchronous work."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
