"""The account: what became of each intent of a scope, and why."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from airlock._intent import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airlock._intent import Intent

__all__ = ["Fate", "Mark", "Outcome", "Report", "told"]


class Outcome(Enum):
    """What became of an intent. Each ends in exactly one outcome."""

    BUFFERED = "buffered"
    WAITING = "waiting"
    DISPATCHED = "dispatched"
    BLOCKED = "blocked"
    DISCARDED = "discarded"
    ROLLED_BACK = "rolled back"
    COALESCED = "coalesced"
    CAPTURED = "captured"
    FAILED = "failed"
    NOT_ATTEMPTED = "not attempted"


class Mark(NamedTuple):
    """One outcome of several intents. Marking many costs as much as marking one."""

    outcome: Outcome
    intents: Iterable[Intent]
    reason: str = ""


class Fate(NamedTuple):
    """What became of one intent, and a text that says why."""

    intent: Intent
    outcome: Outcome
    reason: str


class Report:
    """What became of every intent of a scope, in the order of their enqueueing.

    Its text answers for each of them why it did, or did not, happen.
    """

    def __init__(
        self,
        title: str,
        intents: Sequence[Intent],
        marks: Sequence[Mark],
        unmarked: Mark,
    ) -> None:
        self.title = title
        last: dict[int, Mark] = {}
        for mark in marks:
            last.update((id(intent), mark) for intent in mark.intents)
        found = ((intent, last.get(id(intent), unmarked)) for intent in intents)
        self.fates = tuple(
            Fate(intent, mark.outcome, mark.reason) for intent, mark in found
        )
        self.counts = Counter(fate.outcome for fate in self.fates)

    def of(self, *outcomes: Outcome) -> list[Intent]:
        """Return the intents with one of these outcomes, in order."""
        return [fate.intent for fate in self.fates if fate.outcome in outcomes]

    def __str__(self) -> str:
        """Give one line to the scope, and one to each intent."""
        counts = [f"{n} {outcome.value}" for outcome, n in self.counts.items()]
        lines = [f"{self.title}: {', '.join(counts) or 'nothing was enqueued'}"]
        width = max((len(outcome.value) for outcome in self.counts), default=0)
        for position, (intent, outcome, reason) in enumerate(self.fates, 1):
            # An exception's text may hold line breaks.
            because = f": {' '.join(reason.split())}" if reason else ""
            where = f" (at {intent.call_site})" if intent.call_site else ""
            what = f"{outcome.value:<{width}}  {shown(intent)}"
            lines.append(f"  {position}. {what}{because}{where}")
        return "\n".join(lines)


def told(error: BaseException) -> str:
    """Return an exception's type and text. It is not kept: it holds its frames."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception as failure:  # noqa: BLE001 - an exception's text may raise anything
        return f"{type(error).__name__} whose text raised {type(failure).__name__}"
