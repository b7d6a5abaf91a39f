"""Attributes that are replaced for a time."""

from __future__ import annotations

from typing import Any

__all__ = ["Patches"]

_MISSING = object()


class Patches:
    """Replace attributes of classes, and put back exactly what was there."""

    def __init__(self) -> None:
        self._before: list[tuple[type, str, object]] = []

    def put(self, owner: type, name: str, value: Any) -> None:  # noqa: ANN401
        """Set an attribute of a class, and remember what the class itself had."""
        self._before.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put everything back, the last change first."""
        while self._before:
            owner, name, before = self._before.pop()
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
