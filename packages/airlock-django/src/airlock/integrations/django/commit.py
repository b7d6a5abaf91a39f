"""Which transactions an intent belongs to: those that are open at its enqueue."""

from __future__ import annotations

from asyncio import _get_running_loop
from threading import local
from typing import TYPE_CHECKING, Any

from airlock.integrations.django.beginning import connections_around, note_beginnings
from airlock.integrations.django.testcase import (
    TestCaseTransaction,
    Watch,
    is_in_test_case,
    is_own,
)
from airlock.integrations.django.transaction import Marker, Transaction
from django.db import connections
from django.db.backends.signals import connection_created

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

# Django keeps its connections per thread too, but asking it costs 10 us each time.
_here = local()


def markers_here(aliases: Container[str]) -> tuple[Marker, ...]:
    """Return a marker for each open transaction on one of these databases.

    Where one is open, as nearly always, consecutive calls at one place return the
    same object.
    """
    found: tuple[Marker, ...] = ()
    # Not get_running_loop(): raising its error takes longer than all the rest here.
    for connection in _opened() if _get_running_loop() is None else _of_coroutine():
        is_in_block = connection.in_atomic_block
        if (
            not is_in_block
            # Without autocommit every statement is in a transaction, though
            # on_commit() takes no part in it. What is closed is in none.
            and (connection.autocommit or connection.connection is None)
        ):
            continue
        if connection.alias in aliases:
            known = _current(connection)
            transaction = known or _begun(connection)
            if transaction is not None:
                marker = transaction.marker(connection.savepoint_ids)
                if is_in_block and not connection.in_atomic_block:
                    # In another thread, which has begun to end it: too late for this.
                    _take_back(connection, None if known else transaction)
                    continue
                found = (*found, marker) if found else marker.alone
    return found


def _current(connection: BaseDatabaseWrapper) -> Transaction | None:
    """Return the open transaction if something was enqueued in it before."""
    savepoints: Any = connection.savepoint_ids
    if isinstance(savepoints, Watch):
        return savepoints.transaction
    entries: Any = connection.run_on_commit
    for _, head, _ in entries:
        if not isinstance(head, Transaction):
            return None
        if not head.is_committed():
            return head
    return None


def _take_back(
    connection: BaseDatabaseWrapper, transaction: Transaction | None
) -> None:
    """Remove a transaction that may have been put where the next one's place is."""
    entries: Any = connection.run_on_commit
    entries[:] = [entry for entry in entries if entry[1] is not transaction]


def _begun(connection: BaseDatabaseWrapper) -> Transaction | None:
    if not is_in_test_case(connection):
        transaction = Transaction(connection)
    elif any(map(is_own, connection.atomic_blocks[-1:])):
        return None
    else:
        transaction = TestCaseTransaction(connection)
    transaction.begin()
    return transaction


def _opened() -> tuple[BaseDatabaseWrapper, ...]:
    """Return the connections of this thread that were ever opened."""
    try:
        opened: tuple[BaseDatabaseWrapper, ...] = _here.opened
    except AttributeError:
        opened = _here.opened = tuple(connections.all(initialized_only=True))
    return opened


def _of_coroutine() -> Iterator[BaseDatabaseWrapper]:
    """Yield those of the thread of the loop, and those that the code around uses."""
    opened = _opened()
    yield from opened
    for connection in connections_around():
        if connection not in opened:
            yield connection


def _note(connection: BaseDatabaseWrapper, **signal: object) -> None:
    del signal
    # A connection that is not Django's own for its alias, such as a copy, is used by
    # nobody who calls on_commit().
    if connection not in _opened():
        _here.opened = tuple(connections.all(initialized_only=True))


connection_created.connect(_note, dispatch_uid="airlock.integrations.django")
note_beginnings()
