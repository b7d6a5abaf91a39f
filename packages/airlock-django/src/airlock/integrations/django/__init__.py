"""Airlock for Django: one boundary per request and per command."""

from airlock.integrations.django.commands import airlock_command
from airlock.integrations.django.failure import dispatch_failed
from airlock.integrations.django.hook import install_command_scopes
from airlock.integrations.django.middleware import AirlockMiddleware
from airlock.integrations.django.scope import DjangoScope
from airlock.integrations.django.testing import AirlockTestMixin

__all__ = [
    "AirlockMiddleware",
    "AirlockTestMixin",
    "DjangoScope",
    "airlock_command",
    "dispatch_failed",
    "install_command_scopes",
]
