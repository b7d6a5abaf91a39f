"""Airlock for Celery: one boundary per task, and a way to get there."""

from airlock.integrations.celery.error import InterceptError
from airlock.integrations.celery.intercept import (
    install_global_intercept,
    uninstall_global_intercept,
)
from airlock.integrations.celery.shim import LegacyTaskShim
from airlock.integrations.celery.task import AirlockTask

__all__ = [
    "AirlockTask",
    "InterceptError",
    "LegacyTaskShim",
    "install_global_intercept",
    "uninstall_global_intercept",
]
