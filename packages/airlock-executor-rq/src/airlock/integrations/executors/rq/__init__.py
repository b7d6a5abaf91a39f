"""Dispatch airlock intents to RQ."""

from airlock.integrations.executors.rq.batch import RqBatchError
from airlock.integrations.executors.rq.executor import RqExecutor, rq_executor
from airlock.integrations.executors.rq.option import RqOptionError

__all__ = ["RqBatchError", "RqExecutor", "RqOptionError", "rq_executor"]
