"""Noting what leaves a scope, while it leaves."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from airlock._context import current_account
from airlock._report import Mark, Outcome, told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from airlock._intent import Intent

__all__ = ["Accounting", "account_of"]


class Accounting:
    """Marks what leaves while it is being dispatched.

    A subclass that dispatches in its own way marks nothing, or not everything.
    What it handed to `_execute` is noted here; where it used neither that nor its
    base class, everything went where it brought it, or failed with it.

    Args:
        marks: Where to note it.
        intents: What leaves.
        go_on: Called before each `_execute`; it may raise.
    """

    __slots__ = (
        "_executed",
        "_failures",
        "_intents",
        "_marks",
        "_own",
        "_previous",
        "_start",
        "go_on",
    )

    def __init__(
        self,
        marks: list[Mark],
        intents: Sequence[Intent],
        go_on: Callable[[], object],
    ) -> None:
        self._marks = marks
        # A copy: the list is passed on, and those who get it may empty it.
        self._intents = tuple(intents)
        self._own: set[int] | None = None
        self._executed: list[Intent] = []
        self._failures = 0
        self.go_on = go_on

    def keeps(self, intent: Intent) -> bool:
        """Tell whether this is one of the intents that are accounted for here."""
        # An effect that was deferred by hand may leave in the flush of another scope.
        if self._own is None:
            self._own = set(map(id, self._intents))
        return id(intent) in self._own

    def succeed(self, intent: Intent) -> None:
        """Note that an intent was dispatched."""
        if not self._executed:
            self._marks.append(Mark(Outcome.DISPATCHED, self._executed))
        self._executed.append(intent)

    def fail(self, intent: Intent, error: BaseException) -> None:
        """Note that dispatching an intent failed. A later attempt may succeed."""
        mark = Mark(Outcome.FAILED, (intent,), told(error))
        # After earlier failures, and before the first success.
        self._marks.insert(self._start + self._failures, mark)
        self._failures += 1
        # An exception may refuse attributes, and must arrive all the same. So it must
        # where the flush has ended meanwhile, and nothing is known of it any more.
        with suppress(Exception):
            position = next(n for n, i in enumerate(self._intents, 1) if i is intent)
            error.add_note(
                f"airlock: dispatching {intent.name} failed, effect {position} of "
                f"{len(self._intents)}. Dispatched before it: {len(self._executed)}."
            )

    def __enter__(self) -> None:
        self._start = len(self._marks)
        self._previous = current_account.get()
        current_account.set(self)
        _open[id(self)] = self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        current_account.set(self._previous)
        _open.pop(id(self), None)
        if len(self._marks) > self._start:
            # Each was given to `_execute`, to the base class, or to neither.
            rest = Outcome.NOT_ATTEMPTED
        else:
            rest = Outcome.DISPATCHED if error is None else Outcome.FAILED
        reason = "" if error is None else told(error)
        self._marks.insert(self._start, Mark(rest, self._intents, reason))
        # A task that was started meanwhile inherits this, and may live for long.
        self._previous = None
        self._intents, self._executed, self._own = (), [], set()
        self._marks = []
        self.go_on = _nothing_more


# By identity; those of flushes that are under way.
_open: dict[int, Accounting] = {}


def account_of(intent: Intent) -> Accounting | None:
    """Return the account of the flush in which an intent leaves, if it is in one."""
    here = current_account.get()
    if here is not None and here.keeps(intent):
        return here
    # A `_dispatch_all` may bring it to another thread, where no account is current.
    return next((found for found in tuple(_open.values()) if found.keeps(intent)), None)


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    # The flushes of the parent's other threads do not go on in the child.
    os.register_at_fork(after_in_child=_open.clear)


def _nothing_more() -> None:
    """Stay, when all has been accounted for."""
