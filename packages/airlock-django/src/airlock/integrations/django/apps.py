"""The Django application."""

from typing import ClassVar

import airlock
from airlock.integrations.django.checks import check_middleware, check_settings
from airlock.integrations.django.hook import connect
from airlock.integrations.django.settings import make_scope
from django.apps import AppConfig
from django.core.checks import register


class AirlockConfig(AppConfig):
    """Make ``airlock.scope()`` follow the ``AIRLOCK`` setting.

    Installing the application is a choice of the project: without it the
    middleware, `airlock_command` and `DjangoScope` work the same, a plain
    ``airlock.scope()`` knows nothing of Django, and nobody reads ``COMMANDS``.
    """

    name = "airlock.integrations.django"
    # The default label would be "django".
    label = "airlock_django"
    verbose_name = "Airlock"
    configured: ClassVar[airlock.Configuration | None] = None

    def ready(self) -> None:
        """Connect the settings to core and to Django, once per process."""
        connect()
        register(check_settings, "airlock")
        register(check_middleware, "airlock")
        if AirlockConfig.configured is None:
            AirlockConfig.configured = airlock.configure(scope=make_scope)
