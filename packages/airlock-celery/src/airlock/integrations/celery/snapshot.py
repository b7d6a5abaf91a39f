"""A canvas as it is now, whatever is done to it later."""

from __future__ import annotations

from typing import Any

from celery.canvas import Signature

__all__ = ["snapshot"]


def snapshot(value: Any) -> Any:  # noqa: ANN401 - whatever a canvas holds
    """Copy a signature with its members, callbacks and options.

    Lists, tuples and dictionaries of such are copied, and all else is returned as it
    is: arguments of tasks stay the objects that they are, and no generator is read.
    """
    if isinstance(value, Signature):
        return _snapshot_of_signature(value)
    # No subclass: a list of Celery's own may have to be read for the first time.
    kind = type(value)
    if kind in {list, tuple}:
        return kind(map(snapshot, value))
    if kind is dict:
        return {key: snapshot(inside) for key, inside in value.items()}
    return value


def _snapshot_of_signature(signature: Signature) -> Signature:
    # Not clone(): it keeps the members of a group, and before Celery 5.7 the keyword
    # arguments too. Nor copy.copy(), which forgets the app.
    copied = dict.__new__(type(signature))
    copied.__dict__.update(vars(signature))
    dict.update(copied, signature)
    # The members of a canvas are among what Celery calls its keyword arguments.
    is_canvas = signature["task"].startswith("celery.")
    inside = signature["kwargs"]
    copied["kwargs"] = snapshot(inside) if is_canvas else dict(inside)
    copied["options"] = snapshot(signature["options"])
    return copied
