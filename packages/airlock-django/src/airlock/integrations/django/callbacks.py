"""The callbacks of a commit, and what is raised when all of them have run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airlock.integrations.django.waiting import Waiting
    from django.db.backends.base.base import BaseDatabaseWrapper

METHOD = "run_and_clear_commit_hooks"


class Callbacks:
    """Stands in for the method with which a connection runs its callbacks, once.

    Raised among them, the error of a dispatch would keep back all that others have
    registered after it.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._run = getattr(connection, METHOD)
        self._own: dict[str, Any] = vars(connection)
        self._before = self._own.get(METHOD)
        self._dispatched: list[Waiting] = []
        self._is_running = False
        self._own[METHOD] = self

    def raise_later(self, waiting: Waiting) -> bool:
        """Keep what a dispatch has raised until the callbacks have run, if they do."""
        if self._is_running:
            self._dispatched.append(waiting)
        return self._is_running

    def __call__(self) -> None:
        """Run the callbacks, and raise the first error; log the others."""
        self.remove()
        self._is_running = True
        try:
            self._run()
            for waiting in self._dispatched:
                waiting()
        finally:
            self._is_running = False
            for waiting in self._dispatched:
                waiting.tell()

    def remove(self) -> None:
        """Give the connection back what it had before."""
        if self._own.get(METHOD) is not self:
            return
        del self._own[METHOD]
        if self._before is not None:
            self._own[METHOD] = self._before
