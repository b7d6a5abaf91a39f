"""The account: what became of each intent of a scope, and why."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from airlock._context import current_account
from airlock._intent import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from airlock._intent import Intent

__all__ = ["Accounting", "Fate", "Mark", "Outcome", "Report", "told"]


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
            because = f": {reason}" if reason else ""
            where = f" (at {intent.call_site})" if intent.call_site else ""
            what = f"{outcome.value:<{width}}  {shown(intent)}"
            lines.append(f"  {position}. {what}{because}{where}")
        return "\n".join(lines)


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
        self._marks.insert(self._start, mark)

    def __enter__(self) -> None:
        self._start = len(self._marks)
        self._previous = current_account.get()
        current_account.set(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        current_account.set(self._previous)
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


def _nothing_more() -> None:
    """Stay, when all has been accounted for."""


def told(error: BaseException) -> str:
    """Return an exception's type and text. It is not kept: it holds its frames."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception as failure:  # noqa: BLE001 - an exception's text may raise anything
        return f"{type(error).__name__} whose text raised {type(failure).__name__}"
