"""The outermost method through which a class lets others publish.

A class may override `apply_async()`, and must be asked once: when the message is
sent. So what buffers a call has to stand before the override, and not behind it.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Method = Callable[..., Any]

__all__ = ["entry", "is_entry", "is_lasting_entry", "method_of"]

_IS_ON = "airlock_is_on"

# The methods are Celery's, which are untyped.
# ruff: noqa: ANN401


def method_of(owner: type, name: str) -> Method:
    """Return a method of a class as a function; an inherited one is found anew."""
    own: Method | None = vars(owner).get(name)
    if own is not None:
        return own

    @wraps(getattr(owner, name))
    def inherited(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(owner, self), name)(*args, **kwargs)

    return inherited


def _always() -> bool:
    return True


def entry(method: Method, is_on: Callable[[], bool] = _always) -> Method:
    """Mark a method as one that asks the scope, while `is_on` says so."""
    setattr(method, _IS_ON, is_on)
    return method


def is_entry(method: Method) -> bool:
    """Tell that a method, or what it was made to wrap, asks the scope already."""
    is_on: Callable[[], bool] | None = getattr(method, _IS_ON, None)
    return is_on is not None and is_on()


def is_lasting_entry(method: Method) -> bool:
    """Tell one that asks the scope whatever is uninstalled: that of a shim."""
    return getattr(method, _IS_ON, None) is _always
