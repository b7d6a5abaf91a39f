"""A function with those arguments that django-q would take for options."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from airlock.integrations.executors.django_q.option import TAKEN

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bound", "bound"]


class Bound(partial[Any]):
    """A partial that the admin and the logs of django-q can show.

    They show its text, and "resubmit" looks for a function of that name: it must
    not find one, and call it without the arguments.
    """

    def __str__(self) -> str:
        from django_q.utils import get_func_repr  # noqa: PLC0415 - see message.py

        # No values: the column has 256 characters, and they may be secret.
        names = ", ".join(f"{name}=..." for name in self.keywords)
        return f"{get_func_repr(self.func)}({names})"[:256]


def bound(
    function: Callable[..., Any], kwargs: dict[str, Any]
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return a function and the keyword arguments that django-q leaves alone."""
    taken = {name: value for name, value in kwargs.items() if name in TAKEN}
    if not taken:
        return function, kwargs
    left = {name: value for name, value in kwargs.items() if name not in TAKEN}
    return Bound(function, **taken), left
