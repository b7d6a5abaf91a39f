"""One transaction that intents were enqueued in, and how it ended.

Django tells only those whose callback is in ``connection.run_on_commit`` at the
commit, and stops at the first callback that raises. So a transaction keeps a place at
the head of that list, and learns of rollbacks from what Django does to the list.
"""

from __future__ import annotations

import os
from enum import Enum
from threading import get_ident
from typing import TYPE_CHECKING, Any
from weakref import ref

from airlock.integrations.django.beginning import thread_of
from airlock.integrations.django.callbacks import Callbacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from airlock.integrations.django.waiting import Waiting
    from django.db.backends.base.base import BaseDatabaseWrapper

    Savepoint = str | None


# In the place of True, for a commit by hand before this transaction: Django takes it
# for the same, and puts True there at the next.
EARLIER = 1


class State(Enum):
    """How a transaction stands."""

    OPEN = "open"
    COMMITTED = "committed"
    ROLLED_BACK = "rolled back"


class Marker:
    """A place in a transaction: under which savepoints intents were enqueued."""

    __slots__ = ("alone", "savepoints", "transaction", "was_undone")

    def __init__(
        self, transaction: Transaction, savepoints: Sequence[Savepoint] = ()
    ) -> None:
        self.transaction = transaction
        self.savepoints = list(savepoints)
        self.was_undone = False
        # Most intents belong to one transaction: they share this.
        self.alone = (self,)

    @property
    def is_rolled_back(self) -> bool:
        """Whether a callback of `on_commit()`, registered here, can no longer run."""
        return self.was_undone or self.transaction.state is State.ROLLED_BACK


class Transaction:
    """The transaction that is open on a connection.

    It is called by Django when it has committed, before all other callbacks: one that
    raises would keep it from learning so. Its rollback it learns from its `Lease`.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        # Weakly: a thread may end without ending its transaction, and nothing tells of
        # that but the end of the connection. Scopes outlive it, and keep this.
        self._reference = ref(connection)
        self.alias = connection.alias
        self._state = State.OPEN
        self._waiting: list[Waiting] = []
        self._root = self._latest = Marker(self)
        # Not always this one: see there.
        self._thread = thread_of(connection)
        self._process = os.getpid()
        # Not where autocommit was off before: who knows when it will be on.
        self._is_managed = connection.in_atomic_block and connection.commit_on_exit
        self._callbacks: Callable[[], Callbacks | None] = _nothing
        # Django names a callback that raises, and takes each for a function.
        self.__qualname__ = type(self).__qualname__

    def begin(self) -> None:
        """Take the place at the head of the connection's callbacks."""
        entries = self._entries()
        # After those that were committed by hand, and are called with this.
        others = (i for i, e in enumerate(entries) if not isinstance(e[1], Transaction))
        # No savepoint is the head's own: it stays when one is rolled back.
        entries.insert(next(others, len(entries)), (Lease(self), self, True))
        if self._is_flagged():
            self.connection.run_commit_hooks_on_set_autocommit_on = EARLIER

    @property
    def connection(self) -> Any:  # noqa: ANN401 - as Django's own, or None
        """The connection, unless it is gone."""
        return self._reference()

    @property
    def state(self) -> State:
        """How it stands now."""
        if not self.is_committed() and self._state is State.OPEN and self._is_gone():
            # Told apart from the end: those that wait are told by the lease.
            self._state = State.ROLLED_BACK
        return self._state

    def is_committed(self) -> bool:
        """Tell whether it is committed; notice a commit by hand.

        Those that wait are told later, by Django or the lease.
        """
        if self._state is State.OPEN and self._is_flagged():
            self._state = State.COMMITTED
        return self._state is State.COMMITTED

    def _is_flagged(self) -> bool:
        if self._is_managed:
            return False
        flag = getattr(self.connection, "run_commit_hooks_on_set_autocommit_on", False)
        return flag is True

    def marker(self, savepoints: Sequence[Savepoint]) -> Marker:
        """Return the marker of this place, one for all enqueues under its savepoints.

        It is kept for consecutive enqueues: one callback for each would make the
        commit slow.
        """
        if savepoints == self._root.savepoints:
            return self._root
        latest = self._latest
        # Undone and open at once: somebody rolled back to a savepoint by hand.
        if savepoints != latest.savepoints or latest.was_undone:
            latest = self._latest = Marker(self, savepoints)
            self._entries().append((Savepoints(latest), _pass, True))
        return latest

    def hold(self, waiting: Waiting) -> None:
        """Tell `waiting` when the transaction has ended."""
        connection = self.connection
        # Its thread may have ended meanwhile.
        if connection is not None and self._callbacks() is None:
            self._callbacks = ref(Callbacks(connection))
        self._waiting.append(waiting)

    def __call__(self) -> None:
        """Be told by Django of the commit."""
        # Not by captureOnCommitCallbacks(execute=True), which leaves the list alone.
        if not self._is_listed():
            self._end(State.COMMITTED)

    def undo(self, marker: Marker, savepoint: object) -> None:
        """Be told that one of the savepoints of a marker was rolled back."""
        del savepoint
        marker.was_undone = True

    def lose(self) -> None:
        """Be told that Django has dropped the callbacks, if only after the commit."""
        is_told = self._state is not State.OPEN and not self._waiting
        # A child process that closes what it inherited ends no transaction.
        if self._process == os.getpid() and not is_told:
            self._end(State.COMMITTED if self.is_committed() else State.ROLLED_BACK)

    def _end(self, state: State) -> None:
        self._state = state
        callbacks = self._callbacks()
        if callbacks is not None:
            callbacks.remove()
        try:
            while self._waiting:
                self._waiting.pop(0).proceed(self._release)
        finally:
            if self._waiting:
                # An interrupt of one dispatch is none of the others' business.
                self._end(state)

    def _release(self, waiting: Waiting) -> None:
        """Let effects go that waited for this transaction last."""
        if self._state is State.ROLLED_BACK and self._goes_back_to_autocommit():
            # In the middle of a rollback the connection is of no use yet. Django looks
            # for callbacks when it goes back, if it is told that it must.
            self._entries().append((set(), waiting, False))
            self.connection.run_commit_hooks_on_set_autocommit_on = True
            return
        waiting.attempt()
        callbacks = self._callbacks()
        if callbacks is None or not callbacks.raise_later(waiting):
            # Nobody comes by later but another request, whose affair this is not.
            waiting.tell()

    def _goes_back_to_autocommit(self) -> bool:
        """Tell whether Django is in the middle of a rollback, and not of a close."""
        connection = self.connection
        return (
            self._is_managed
            # It is where a block's connection is closed, or left by its thread.
            and not getattr(connection, "in_atomic_block", True)
            and not connection.autocommit
            # After a rollback that failed Django closes the connection.
            and not connection.errors_occurred
        )

    def _is_gone(self) -> bool:
        # Another thread may be between the commit and the first callback: there, only
        # what it tells counts.
        if self._thread != get_ident():
            return False
        return not self._is_listed() or self.connection.closed_in_transaction

    def _is_listed(self) -> bool:
        return any(callback is self for _, callback, _ in self._entries())

    def _entries(self) -> list[Any]:
        entries: list[Any] = getattr(self.connection, "run_on_commit", [])
        return entries


class Savepoints(set[Any]):
    """The savepoints of a marker, in the place of the plain set that Django makes.

    Django asks each set, when a savepoint was rolled back, whether it holds that.
    """

    def __init__(self, marker: Marker) -> None:
        super().__init__(marker.savepoints)
        self.marker = marker

    def __contains__(self, savepoint: object) -> bool:
        if not super().__contains__(savepoint):
            return False
        self.marker.transaction.undo(self.marker, savepoint)
        return True


class Lease(set[Any]):
    """The empty set of savepoints at the head; nothing else holds it.

    Django calls nobody when it rolls back: it lets go of the list of callbacks, and
    with it of this.
    """

    def __init__(self, transaction: Transaction) -> None:
        super().__init__()
        self._transaction = transaction

    def __del__(self) -> None:
        self._transaction.lose()


def forget(connection: BaseDatabaseWrapper, transaction: Transaction) -> None:
    """Remove the markers of a transaction from the connection's callbacks."""
    entries: Iterable[Any] = connection.run_on_commit
    kept: Any = [
        entry
        for entry in entries
        if not isinstance(entry[0], Savepoints)
        or entry[0].marker.transaction is not transaction
    ]
    connection.run_on_commit = kept


def _nothing() -> None:
    """Be what holds no callbacks."""


def _pass() -> None:
    """Be called at the commit; only what becomes of the savepoints matters."""
