"""The account of a scope: what became of the intents in its buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock._buffer import Buffer
from airlock._report import Mark, Outcome, Report
from airlock._state import State

if TYPE_CHECKING:
    from airlock._intent import Intent

__all__ = ["Account"]

UNMARKED = {
    State.NEW: Mark(Outcome.BUFFERED, ()),
    State.ACTIVE: Mark(Outcome.BUFFERED, ()),
    State.EXITED: Mark(Outcome.BUFFERED, ()),
    State.FLUSHED: Mark(Outcome.NOT_ATTEMPTED, ()),
    State.DISCARDED: Mark(Outcome.DISCARDED, ()),
    State.VOID: Mark(Outcome.DISCARDED, (), "it is the parent process's"),
}


class Account(Buffer):
    """A buffer whose intents have outcomes. Keeping it costs little until asked."""

    def report(self) -> Report:
        """Tell what became of each intent, and why."""
        return Report(repr(self), self.intents, self._marks, UNMARKED[self._state])

    @property
    def dispatched(self) -> list[Intent]:
        """What was dispatched, in order."""
        return self.report().of(Outcome.DISPATCHED)

    @property
    def undispatched(self) -> list[Intent]:
        """What should have been dispatched and was not, in order."""
        missing = (Outcome.FAILED, Outcome.NOT_ATTEMPTED, Outcome.WAITING)
        return self.report().of(*missing)

    def _mark(self, outcome: Outcome, intents: list[Intent], reason: str = "") -> None:
        """Note what became of intents; the last note about an intent is its outcome.

        For subclasses whose `_dispatch_all` does more than dispatch at once.
        """
        self._marks.append(Mark(outcome, intents, reason))
