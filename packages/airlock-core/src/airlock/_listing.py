"""The list of plugins as text, for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airlock._registry import Plugin

__all__ = ["plugin_table"]

_HEADINGS = ("GROUP", "NAME", "DISTRIBUTION", "TARGET", "STATUS")


def plugin_table(plugins: Iterable[Plugin]) -> str:
    """Return a heading, and one line per plugin that says whether it loads.

    Args:
        plugins: Such as `installed_plugins()`.
    """
    rows = [_HEADINGS, *((*plugin[:4], _status(plugin)) for plugin in plugins)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    return "\n".join(
        "  ".join([*(c.ljust(w) for c, w in zip(cells, widths, strict=True)), status])
        for *cells, status in rows
    )


def _status(plugin: Plugin) -> str:
    # An exception's text may hold line breaks, and a row is one line.
    return " ".join((plugin.error or "loads").split())
