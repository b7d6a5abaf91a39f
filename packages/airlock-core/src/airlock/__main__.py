"""``python -m airlock``: list every plugin and whether it loads."""

import sys

from airlock import Plugin, installed_plugins

HEADINGS = ("GROUP", "NAME", "DISTRIBUTION", "TARGET", "STATUS")


def main() -> int:
    """Print one line per plugin; return 1 if one of them is broken."""
    plugins = list(installed_plugins())
    rows = [HEADINGS, *((*plugin[:4], _status(plugin)) for plugin in plugins)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for *cells, status in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        print("  ".join([*padded, status]))  # noqa: T201 - this is its output
    return int(any(plugin.error for plugin in plugins))


def _status(plugin: Plugin) -> str:
    # An exception's text may hold line breaks, and a row is one line.
    return " ".join((plugin.error or "loads").split())


if __name__ == "__main__":
    sys.exit(main())
