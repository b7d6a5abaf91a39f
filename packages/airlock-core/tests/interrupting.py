"""Signals that arrive at a moment of the test's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextvars import ContextVar

__all__ = ["Interrupted", "TimeLimit"]


class TimeLimit(BaseException):
    """What a signal handler raises."""


class Interrupted:
    """A context variable: the signal arrives as soon as it has been set."""

    def __init__(self, variable: ContextVar[Any]) -> None:
        self._variable = variable
        self._is_armed = True

    def get(self) -> Any:
        return self._variable.get()

    def reset(self, token: Any) -> None:
        self._variable.reset(token)

    def set(self, value: Any) -> None:
        self._variable.set(value)
        if self._is_armed:
            self._is_armed = False
            raise TimeLimit
