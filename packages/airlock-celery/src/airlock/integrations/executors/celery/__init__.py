"""Dispatch airlock intents to Celery."""

from airlock.integrations.executors.celery.batch import CeleryBatchError
from airlock.integrations.executors.celery.executor import celery_executor
from airlock.integrations.executors.celery.option import CeleryOptionError

__all__ = ["CeleryBatchError", "CeleryOptionError", "celery_executor"]
