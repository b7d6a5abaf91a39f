"""Dispatch airlock intents to celery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["celery_executor"]


def celery_executor(intent: Intent) -> object:
    """Call the task in place.

    ``_dispatch_options`` are ignored.
    """
    return sync_executor(intent)
