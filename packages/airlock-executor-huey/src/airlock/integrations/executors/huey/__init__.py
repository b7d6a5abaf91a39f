"""Dispatch airlock intents to Huey."""

from airlock.integrations.executors.huey.executor import huey_executor
from airlock.integrations.executors.huey.option import HueyOptionError

__all__ = ["HueyOptionError", "huey_executor"]
