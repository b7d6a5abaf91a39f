"""``python -m airlock``: list every plugin and whether it loads."""

import sys

from airlock import installed_plugins, plugin_table


def main() -> int:
    """Print one line per plugin; return 1 if one of them is broken."""
    plugins = list(installed_plugins())
    print(plugin_table(plugins))  # noqa: T201 - this is its output
    return int(any(plugin.error for plugin in plugins))


if __name__ == "__main__":
    sys.exit(main())
