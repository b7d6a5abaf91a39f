"""Dispatch airlock intents to Django's tasks."""

from airlock.integrations.executors.django_tasks.executor import django_tasks_executor
from airlock.integrations.executors.django_tasks.option import DjangoTasksOptionError

__all__ = ["DjangoTasksOptionError", "django_tasks_executor"]
