"""An executor that keeps intents, and fails when it is told to."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from airlock import AllowTasks, ArgumentError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from airlock import Intent

__all__ = ["AsyncRecordingExecutor", "RecordingExecutor"]


class RecordingExecutor:
    """Keep intents instead of dispatching them; many threads may share one.

    Args:
        fail_at: Which dispatch raises, counted from 1.
        fail_for: The task whose dispatches raise: itself, or its name.
        error: Makes what is raised from a text: an exception class will do.

    Raises:
        ArgumentError: If `fail_at` or `fail_for` could never be reached.
    """

    def __init__(
        self,
        *,
        fail_at: int | None = None,
        fail_for: object = None,
        error: Callable[[str], BaseException] = ConnectionError,
    ) -> None:
        if fail_at is not None and fail_at < 1:
            expected = "1 for the first dispatch, 2 for the second, and so on"
            raise ArgumentError(type(self).__name__, f"fail_at={fail_at!r}", expected)
        self._fail_at = fail_at
        self._failing = None if fail_for is None else AllowTasks([fail_for])
        self._error = error
        self._intents: list[Intent] = []
        self._attempts = 0
        self._lock = Lock()

    def __call__(self, intent: Intent) -> Awaitable[None] | None:
        """Keep the intent, or raise as told and keep nothing."""
        self._keep(intent)
        return None

    @property
    def intents(self) -> list[Intent]:
        """What would have been dispatched, in order: a copy."""
        return list(self._intents)

    def _keep(self, intent: Intent) -> None:
        with self._lock:
            self._attempts += 1
            is_failing = self._failing is not None and self._failing.allows(intent)
            if is_failing or self._attempts == self._fail_at:
                raise self._error(
                    f"{type(self).__name__} was told to fail: dispatch "
                    f"{self._attempts}, {intent.name}"
                )
            self._intents.append(intent)


class AsyncRecordingExecutor(RecordingExecutor):
    """Do so when awaited: for `async with airlock.scope()`. Arguments are the same."""

    async def __call__(self, intent: Intent) -> None:
        """Keep the intent, or raise as told and keep nothing."""
        self._keep(intent)
