"""Effects that a flush left behind, to leave when transactions have ended."""

from __future__ import annotations

from functools import partial
from threading import RLock
from typing import TYPE_CHECKING

from airlock.integrations.django.transaction import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airlock import Intent
    from airlock.integrations.django.transaction import Transaction

    Release = Callable[[Callable[[], None], "Waiting"], None]


class Waiting:
    """The effects of one flush, which leave together when the last one has ended.

    Args:
        transactions: What they wait for.
        settle: Drops what was rolled back, and returns the rest in order.
        dispatch: Dispatches the rest.
        report: Told of an error that cannot be raised.
    """

    def __init__(
        self,
        transactions: Iterable[Transaction],
        settle: Callable[[], list[Intent]],
        dispatch: Callable[[list[Intent]], None],
        report: Callable[[Exception], None],
    ) -> None:
        self._transactions = list(transactions)
        self._settle = settle
        self._dispatch = dispatch
        self._report = report
        self._is_done = False
        # Reentrant: a transaction may be found to be lost while this is held.
        self._lock = RLock()
        self._failure: Exception | None = None

    def begin(self) -> None:
        """Wait."""
        for transaction in self._transactions:
            transaction.hold(self)
        # Those of other threads may have ended before they were asked to tell it.
        self.proceed(_at_once)

    def proceed(self, release: Release) -> None:
        """Let the effects go, through `release`, unless a transaction is open."""
        with self._lock:
            open_ones = [t for t in self._transactions if t.state is State.OPEN]
            if self._is_done or open_ones:
                return
            self._is_done = True
        rest = self._settle()
        if rest:
            release(partial(self._dispatch, rest), self)

    def attempt(self, dispatch: Callable[[], None]) -> None:
        """Dispatch, and keep what it raises until Django calls this."""
        # Raised at once, it would keep back the callbacks that others registered
        # before the flush.
        try:
            dispatch()
        except Exception as error:  # noqa: BLE001 - whatever the executor raises
            self._failure = error

    def __call__(self) -> None:
        """Raise what the dispatch raised, if it did."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def __del__(self) -> None:
        # Another callback raised before Django came to this one.
        if self._failure is not None:
            self._report(self._failure)


def _at_once(dispatch: Callable[[], None], waiting: Waiting) -> None:
    del waiting
    dispatch()
