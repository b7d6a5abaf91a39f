"""Effects that a flush left behind, to leave when transactions have ended."""

from __future__ import annotations

import os
from enum import Enum, auto
from threading import RLock
from typing import TYPE_CHECKING

from airlock.integrations.django.transaction import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airlock import Intent
    from airlock.integrations.django.transaction import Transaction


class Step(Enum):
    """How far the effects of one flush have come."""

    WAITING = auto()
    SETTLING = auto()
    RELEASED = auto()


class Waiting:
    """The effects of one flush, which leave together when the last one has ended.

    Args:
        transactions: What they wait for.
        settle: Drops what was rolled back, and returns the rest in order.
        dispatch: Dispatches the rest.
        report: Told of an error that cannot be raised.
        give_up: Told that they never will be dispatched.
    """

    def __init__(
        self,
        transactions: Iterable[Transaction],
        settle: Callable[[], list[Intent]],
        dispatch: Callable[[list[Intent]], None],
        report: Callable[[Exception], None],
        give_up: Callable[[], None],
    ) -> None:
        self._transactions = list(transactions)
        self._settle = settle
        self._dispatch = dispatch
        self._report = report
        self._give_up = give_up
        self._step = Step.WAITING
        # Reentrant: a transaction may be found to be lost while this is held.
        self._lock = RLock()
        self._rest: list[Intent] = []
        self._failure: Exception | None = None
        self._process = os.getpid()

    def begin(self) -> None:
        """Wait."""
        for transaction in self._transactions:
            transaction.hold(self)
        # Those of other threads may have ended before they were asked to tell it.
        self.proceed(Waiting.dispatch)

    def proceed(self, release: Callable[[Waiting], None]) -> None:
        """Let the effects go, through `release`, unless a transaction is open."""
        with self._lock:
            open_ones = [t for t in self._transactions if t.state is State.OPEN]
            if self._step is not Step.WAITING or open_ones:
                return
            self._step = Step.SETTLING
        self._rest = self._settle()
        self._step = Step.RELEASED
        if self._rest:
            release(self)

    def dispatch(self) -> None:
        """Dispatch what was released and has not left yet."""
        rest, self._rest = self._rest, []
        if rest:
            self._dispatch(rest)

    def attempt(self) -> None:
        """Do so, and keep what it raises."""
        try:
            self.dispatch()
        except Exception as error:  # noqa: BLE001 - whatever the executor raises
            self._failure = error

    def __call__(self) -> None:
        """Be called by Django: dispatch, or raise what the dispatch has raised."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        self.dispatch()

    def tell(self) -> None:
        """Log what the dispatch has raised, unless somebody was told."""
        failure, self._failure = self._failure, None
        if failure is not None:
            self._report(failure)

    def __del__(self) -> None:
        # Whoever was to call this never will: another callback has raised, or the
        # connection was closed on its way back to autocommit.
        self.attempt()
        self.tell()
        # The copy of a child process waits for nothing.
        if self._step is not Step.RELEASED and self._process == os.getpid():
            self._step = Step.RELEASED
            self._give_up()
