"""The transactions of a test in `TestCase`, whose own ones do not count.

`TestCase`, and pytest-django's `db`, wrap a test in a transaction that never commits.
What would be a transaction in production is a savepoint there, and Django calls
nobody at its end. Nothing here is used outside such a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock.integrations.django.transaction import State, Transaction, forget

if TYPE_CHECKING:
    from airlock.integrations.django.transaction import Marker
    from airlock.integrations.django.waiting import Waiting
    from django.db.backends.base.base import BaseDatabaseWrapper


class TestCaseTransaction(Transaction):
    """The outermost `atomic()` that is not the test case's own."""

    # Not a test, whatever pytest thinks of the name.
    __test__ = False

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self._released: list[Waiting] = []
        self._savepoint: Any = None

    def begin(self) -> None:
        """Watch for the end of the block."""
        connection = self.connection
        own = sum(map(is_own, connection.atomic_blocks))
        users = len(connection.atomic_blocks) - own
        ids = connection.savepoint_ids
        rest = len(ids) - users
        self._savepoint = ids[rest]
        connection.savepoint_ids = Watch(ids, rest, self)

    def hold(self, waiting: Waiting) -> None:
        """Tell `waiting` when the block has ended."""
        self._waiting.append(waiting)

    def undo(self, marker: Marker, savepoint: object) -> None:
        """Tell the savepoint that stands for the transaction from those in it."""
        if savepoint == self._savepoint:
            self._state = State.ROLLED_BACK
        else:
            super().undo(marker, savepoint)

    def leave(self, savepoints: Watch) -> None:
        """End with the block; leave the connection as it was.

        The first error of a dispatch is raised, and the others are logged.
        """
        connection = self.connection
        connection.savepoint_ids = list(savepoints)
        forget(connection, self)
        try:
            is_undone = connection.needs_rollback or self._state is State.ROLLED_BACK
            self._end(State.ROLLED_BACK if is_undone else State.COMMITTED)
            for waiting in self._released:
                waiting()
        finally:
            for waiting in self._released:
                waiting.tell()

    def _release(self, waiting: Waiting) -> None:
        waiting.attempt()
        self._released.append(waiting)

    def _is_gone(self) -> bool:
        return False


class Watch(list[Any]):
    """The savepoints of a connection, which notice that a block has ended.

    `Atomic.__exit__` removes its savepoint, does its work, and last of all asks
    whether savepoints are left.

    Args:
        savepoints: Those of the connection.
        rest: How many of them were there before the block.
        transaction: Told of the end.
    """

    def __init__(
        self, savepoints: list[Any], rest: int, transaction: TestCaseTransaction
    ) -> None:
        super().__init__(savepoints)
        self._rest = rest
        self.transaction = transaction

    def __bool__(self) -> bool:
        if len(self) == self._rest:
            self.transaction.leave(self)
        return len(self) > 0


def is_in_test_case(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether a test case has wrapped what the connection does."""
    # Sliced: its thread may end the only one meanwhile.
    return any(map(is_own, connection.atomic_blocks[:1]))


def is_own(block: Any) -> bool:  # noqa: ANN401 - an Atomic, which is private
    """Tell whether an `atomic()` block is the test case's own."""
    return bool(block._from_testcase)  # noqa: SLF001 - Django has no other sign
