"""Proof at the call site that an effect can be carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock._awaitable import at_once
from airlock._errors import TaskArgumentsError

if TYPE_CHECKING:
    from airlock._intent import Intent

__all__ = ["verify"]


def verify(intent: Intent) -> None:
    """Raise if the task does not take the arguments, or the queue cannot carry them.

    The second is asked of the executor: of its attribute ``check(intent)``, if it
    has one, which raises what it finds wrong and does no I/O.

    Raises:
        TaskArgumentsError: If the arguments do not fit the task's signature.
    """
    if callable(intent.task):
        _bind(intent)
    check = getattr(intent.executor, "check", None)
    if check is not None:
        at_once(f"check() of {intent.executor!r}", check(intent))


def _bind(intent: Intent) -> None:
    # Imported here: it costs as much as half of airlock, and production may not
    # verify anything.
    import inspect  # noqa: PLC0415

    # A decorator may add or take arguments: what either of them accepts may be right.
    refusals = []
    for is_followed in (True, False):
        try:
            signature = inspect.signature(intent.task, follow_wrapped=is_followed)
            shown = str(signature)
        except Exception:  # noqa: BLE001 - some tell none, and annotations run code
            return
        try:
            signature.bind(*intent.args, **intent.kwargs)
        except TypeError as error:
            refusals.append((shown, str(error)))
        else:
            return
    raise TaskArgumentsError(intent.name, *refusals[0])
