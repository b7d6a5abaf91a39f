"""Dispatch airlock intents to Dramatiq."""

from airlock.integrations.executors.dramatiq.executor import dramatiq_executor
from airlock.integrations.executors.dramatiq.option import DramatiqOptionError

__all__ = ["DramatiqOptionError", "dramatiq_executor"]
