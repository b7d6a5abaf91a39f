"""Which process this is: what was made before the last fork belongs to the parent."""

from __future__ import annotations

import os

__all__ = ["process"]


class _Process:
    """Counts forks. One attribute look-up tells whether there was another one."""

    __slots__ = ("forks",)

    def __init__(self) -> None:
        self.forks = 0

    def forget_the_parent(self) -> None:
        """Be the child of a fork."""
        self.forks += 1


process = _Process()

if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=process.forget_the_parent)
