"""List every plugin, as ``python -m airlock`` does."""

from __future__ import annotations

from typing import Any

import airlock
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """List the executors, scopes and policies that are installed."""

    help = "Lists every airlock plugin, where it comes from, and whether it loads."
    # It is to help where a plugin that the settings name does not load.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        """Print one line per plugin.

        Raises:
            CommandError: If one of them is broken.
        """
        del args, options
        plugins = list(airlock.installed_plugins())
        self.stdout.write(airlock.plugin_table(plugins))
        broken = [plugin.name for plugin in plugins if plugin.error]
        if broken:
            msg = (
                f"These plugins do not load: {', '.join(broken)}. Their STATUS above "
                f"tells why. Mend them, or uninstall what declares them."
            )
            raise CommandError(msg)
