"""Methods that are replaced for a time."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from airlock.integrations.celery.entry import entry, method_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Method = Callable[..., Any]

__all__ = ["Patches"]

_MISSING = object()


class Patches:
    """Replace methods of classes, and put back exactly what was there.

    A method that someone else has replaced since is left to them. It may call ours,
    which by then only calls what it replaced.
    """

    def __init__(self) -> None:
        self._before: list[tuple[type, str, object, object]] = []
        self._are_on = True

    def are_on(self) -> bool:
        """Tell whether they have not been undone."""
        return self._are_on

    def put(self, owner: type, name: str, make: Callable[[Method], Method]) -> None:
        """Replace a method of a class by what `make` makes of it.

        Nothing is replaced when they have been undone: what watches for new classes may
        be called late, by another thread or by what someone else patched over it.
        """
        if not self._are_on:
            return
        original = method_of(owner, name)
        replacement = make(original)

        @wraps(original)
        def patched(self_: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            method = replacement if self._are_on else original
            return method(self_, *args, **kwargs)

        self._set(owner, name, entry(patched, self.are_on))

    def put_classmethod(
        self, owner: type, name: str, make: Callable[[Method], Method]
    ) -> None:
        """Replace a class method."""
        original = vars(owner)[name].__func__
        self._set(owner, name, classmethod(make(original)))

    def undo(self) -> None:
        """Put everything back, the last change first."""
        self._are_on = False
        while self._before:
            owner, name, before, value = self._before.pop()
            if vars(owner).get(name) is not value:
                continue
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    def _set(self, owner: type, name: str, value: object) -> None:
        before = vars(owner).get(name, _MISSING)
        self._before.append((owner, name, before, value))
        setattr(owner, name, value)
