"""Run tasks in place, at flush. The default executor, and the model for others."""

from airlock._executor import sync_executor

__all__ = ["sync_executor"]
