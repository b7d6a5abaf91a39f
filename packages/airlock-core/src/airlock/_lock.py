"""A lock that a forked child can take, whoever held it in the parent process."""

from __future__ import annotations

import os
from threading import RLock
from weakref import WeakSet

__all__ = ["Lock"]


class Lock:
    """A reentrant lock, free again in a child process: its holder is not there."""

    def __init__(self) -> None:
        self._lock = RLock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *reason: object) -> None:
        self._lock.release()


_locks: WeakSet[Lock] = WeakSet()


def _renew_all() -> None:
    for lock in _locks:
        lock._lock = RLock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)
