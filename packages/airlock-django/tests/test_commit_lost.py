"""Transactions that end on their own: lost with the connection, or refused."""

from __future__ import annotations

import gc
import logging
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from bakery.models import Order, breads, order
from bakery.tasks import bake, deliver, fail
from django.db import Error, IntegrityError, connections, transaction

import airlock
from airlock import Outcome
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_connection_lost_in_a_transaction(using: str, baked: list[str]) -> None:
    """The database rolls back by itself, and Django finds out at the end."""
    if using == "default":
        pytest.skip("this database is gone with its last connection")
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            order("rye", using)
            connections[using].close()
        order("spelt", using)

    assert baked == ["spelt"]


def test_a_connection_lost_in_a_transaction_before_the_enqueue(
    using: str, baked: list[str]
) -> None:
    """Nothing of that block can be committed any more, whatever is registered."""
    if using == "default":
        pytest.skip("this database is gone with its last connection")
    with airlock.scope(_cls=DjangoScope) as scope:
        with transaction.atomic(using):
            connections[using].close()
            airlock.enqueue(bake, "rye")
            with airlock.scope(_cls=DjangoScope) as inner:
                airlock.enqueue(bake, "spelt")

    assert baked == []
    assert scope.rolled_back == scope.intents
    assert inner.rolled_back == inner.intents


def test_a_transaction_that_the_database_refuses_to_commit(
    using: str, baked: list[str]
) -> None:
    """A deferred constraint fails at the very end, when no block raises any more."""
    if using == "mariadb":
        pytest.skip("MariaDB has no deferred constraints")
    with connections[using].cursor() as cursor:
        cursor.execute(
            "CREATE TABLE pledge (id int PRIMARY KEY, needs int"
            " REFERENCES pledge DEFERRABLE INITIALLY DEFERRED)"
        )
    try:
        with airlock.scope(_cls=DjangoScope) as scope:
            with pytest.raises(IntegrityError), transaction.atomic(using):
                order("rye", using)
                with connections[using].cursor() as cursor:
                    cursor.execute("INSERT INTO pledge VALUES (1, 2)")
    finally:
        with connections[using].cursor() as cursor:
            cursor.execute("DROP TABLE pledge")

    assert baked == []
    assert scope.rolled_back == scope.intents


def _close(using: str) -> None:
    connections[using].close()


def _drop(using: str) -> None:
    # As when the server is gone: the rollback fails, and Django closes the connection.
    driver: Any = connections[using].connection
    driver.close()
    transaction.set_rollback(True, using)


@pytest.mark.parametrize("lose", [_close, _drop])
def test_committed_effects_that_waited_for_a_lost_connection(
    using: str, baked: list[str], lose: Callable[[str], None]
) -> None:
    """They leave when it is lost: nobody comes by later but another request."""
    if using == "default":
        pytest.skip("this database is gone with its last connection")
    scope = airlock.scope(_cls=DjangoScope).enter()
    with transaction.atomic("archive"):
        airlock.enqueue(deliver, "rye")
    # A driver may refuse to close what is closed.
    with suppress(Error), transaction.atomic(using):
        airlock.enqueue(deliver, "spelt")
        scope.exit()
        scope.flush()
        lose(using)

    assert baked == ["deliver rye"]
    assert scope.report().counts == {Outcome.DISPATCHED: 1, Outcome.ROLLED_BACK: 1}


def test_a_dispatch_that_writes_to_the_connection_that_is_lost(using: str) -> None:
    """It is in the middle of its close: what is written goes with the transaction."""
    if using == "default":
        pytest.skip("this database is gone with its last connection")

    def note(bread: str) -> None:
        Order.objects.using(using).bulk_create([Order(bread=bread)])

    scope = airlock.scope(_cls=DjangoScope).enter()
    airlock.enqueue(note, "rye")
    with transaction.atomic(using):
        airlock.enqueue(note, "spelt")
        scope.exit()
        scope.flush()
        connections[using].close()

    assert scope.report().counts == {Outcome.DISPATCHED: 1, Outcome.ROLLED_BACK: 1}
    assert breads(using) == []


def test_a_failing_dispatch_when_a_connection_is_lost(
    using: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged: whoever uses a new connection has nothing to do with it."""
    if using == "default":
        pytest.skip("this database is gone with its last connection")
    scope = airlock.scope(_cls=DjangoScope).enter()
    airlock.enqueue(fail, "rye")
    with transaction.atomic(using):
        airlock.enqueue(deliver, "spelt")
        scope.exit()
        scope.flush()
        connections[using].close()

    with transaction.atomic(using):
        order_of_another = airlock.scope(_cls=DjangoScope)
        with order_of_another:
            airlock.enqueue(deliver, "oat")

    assert order_of_another.report().counts == {Outcome.DISPATCHED: 1}
    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert record.getMessage().endswith("1 did not leave: bakery.tasks:fail (1)")
    assert record.exc_info
    assert isinstance(record.exc_info[1], ConnectionError)


def test_a_thread_that_ends_in_a_transaction(using: str, baked: list[str]) -> None:
    """Nobody ends it any more, and the database rolls it back with the connection."""
    is_placed, may_end = Event(), Event()
    drivers: list[Any] = []

    def work() -> None:
        transaction.atomic(using).__enter__()
        airlock.enqueue(deliver, "rye")
        # Kept, so that the test can close it.
        drivers.append(connections[using].connection)
        is_placed.set()
        may_end.wait(10)

    with airlock.scope(_cls=DjangoScope) as scope:
        with transaction.atomic(using):
            airlock.enqueue(deliver, "spelt")
        thread = Thread(target=airlock.carry(work))
        thread.start()
        is_placed.wait(10)
    assert scope.report().counts == {Outcome.WAITING: 2}
    may_end.set()
    thread.join()
    del thread
    gc.collect()
    drivers[0].close()

    assert baked == ["deliver spelt"]
    assert scope.report().counts == {Outcome.ROLLED_BACK: 1, Outcome.DISPATCHED: 1}


def test_effects_that_an_interrupt_has_left_behind(
    using: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It came between the commit and the dispatch: a line names them."""
    scope = airlock.scope(_cls=DjangoScope).enter()

    def interrupt(record: logging.LogRecord) -> bool:
        raise KeyboardInterrupt(record.msg)

    logger = logging.getLogger("airlock")
    logger.addFilter(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt), transaction.atomic(using):
            airlock.enqueue(deliver, "rye")
            with transaction.atomic(using):
                airlock.enqueue(deliver, "spelt")
                scope.exit()
                scope.flush()
                transaction.set_rollback(True, using)
    finally:
        logger.removeFilter(interrupt)
    gc.collect()

    assert scope.dispatched == []
    assert Outcome.WAITING not in scope.report().counts
    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert "bakery.tasks:deliver" in record.getMessage()


def test_what_django_refuses_ends_no_transaction(using: str, baked: list[str]) -> None:
    """The code that has asked for it may go on."""

    async def order_delivery() -> None:
        airlock.enqueue(deliver, "rye")

    def view() -> None:
        with transaction.atomic(using):
            with pytest.raises(transaction.TransactionManagementError):
                transaction.set_autocommit(True, using)
            async_to_sync(order_delivery)()
            transaction.set_rollback(True, using)

    with airlock.scope(_cls=DjangoScope):
        view()

    assert baked == []
