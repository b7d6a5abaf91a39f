"""Dispatch airlock intents to django-q2."""

from airlock.integrations.executors.django_q.executor import django_q_executor
from airlock.integrations.executors.django_q.option import DjangoQOptionError

__all__ = ["DjangoQOptionError", "django_q_executor"]
