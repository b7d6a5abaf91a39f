"""Transactions in other threads than the scope, and in other processes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from bakery.models import breads, order
from bakery.tasks import deliver
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

import airlock
from airlock import Intent, Outcome
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A thread with connections of its own, which it closes at the end."""
    with ThreadPoolExecutor(1) as executor:
        yield executor
        executor.submit(_close_all).result()


def _close_all() -> None:
    for connection in connections.all(initialized_only=True):
        # Django's own close() leaves a database that lives in memory open.
        BaseDatabaseWrapper.close(connection)


@pytest.mark.parametrize("is_main_thread", [True, False])
def test_a_transaction_in_a_thread_of_a_coroutine(
    using: str, baked: list[str], pool: ThreadPoolExecutor, *, is_main_thread: bool
) -> None:
    """`sync_to_async` carries the scope into the thread that has the connection."""

    def work(bread: str, *, is_bad: bool) -> None:
        with transaction.atomic(using):
            order(bread, using)
            if is_bad:
                raise ValueError(bread)

    async def handle() -> None:
        thread = None if is_main_thread else pool
        in_thread = sync_to_async(
            work, thread_sensitive=is_main_thread, executor=thread
        )
        async with airlock.scope(_cls=DjangoScope):
            await in_thread("rye", is_bad=False)
            with pytest.raises(ValueError, match="spelt"):
                await in_thread("spelt", is_bad=True)
            await in_thread("oat", is_bad=False)

    async_to_sync(handle)()

    assert baked == breads(using) == ["rye", "oat"]


@pytest.mark.parametrize("is_bad", [True, False])
def test_a_transaction_in_a_thread_that_outlives_the_scope(
    using: str, baked: list[str], pool: ThreadPoolExecutor, *, is_bad: bool
) -> None:
    """The flush waits for that thread, and the effects leave there."""
    is_placed, may_end = Event(), Event()

    def work() -> None:
        with transaction.atomic(using):
            airlock.enqueue(deliver, "rye")
            is_placed.set()
            may_end.wait(10)
            transaction.set_rollback(is_bad, using)

    with airlock.scope(_cls=DjangoScope) as scope:
        working = pool.submit(airlock.carry(work))
        is_placed.wait(10)
    [fate] = scope.report().fates
    assert (fate.outcome, baked) == (Outcome.WAITING, [])
    may_end.set()
    working.result()

    assert baked == ([] if is_bad else ["deliver rye"])
    assert len(scope.rolled_back) == is_bad


def test_a_thread_sees_only_its_own_transactions(
    using: str, baked: list[str], pool: ThreadPoolExecutor
) -> None:
    """What another thread enqueues is not tied to the transaction of this one."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            airlock.enqueue(deliver, "rye")
            pool.submit(airlock.carry(airlock.enqueue), deliver, "spelt").result()
            transaction.set_rollback(True, using)

    assert baked == ["deliver spelt"]


def test_a_thread_that_ends_its_transaction_during_the_flush(
    using: str, baked: list[str], pool: ThreadPoolExecutor
) -> None:
    """It was open when the flush looked, and has ended when the flush asks to wait."""
    is_placed, may_end = Event(), Event()

    def work() -> None:
        with transaction.atomic(using):
            airlock.enqueue(deliver, "rye")
            is_placed.set()
            may_end.wait(10)

    class Slow(DjangoScope):
        def _mark(self, outcome: Outcome, intents: list[Intent], why: str = "") -> None:
            super()._mark(outcome, intents, why)
            may_end.set()
            working.result()

    with airlock.scope(_cls=Slow) as scope:
        working = pool.submit(airlock.carry(work))
        is_placed.wait(10)

    assert baked == ["deliver rye"]
    assert scope.dispatched == scope.intents


def test_a_thread_that_rolls_back_during_the_flush(
    using: str, baked: list[str], pool: ThreadPoolExecutor
) -> None:
    """It was open when the flush chose, and rolled back when the flush dispatches."""
    is_placed, may_end = Event(), Event()

    def work() -> None:
        with transaction.atomic(using):
            airlock.enqueue(deliver, "rye")
            is_placed.set()
            may_end.wait(10)
            transaction.set_rollback(True, using)

    class Slow(DjangoScope):
        def before_descendant_flushes(
            self, exiting_scope: airlock.Scope, intents: list[Intent]
        ) -> list[Intent]:
            del exiting_scope
            may_end.set()
            working.result()
            return intents

    with airlock.scope(_cls=Slow), airlock.scope(_cls=DjangoScope) as scope:
        airlock.enqueue(deliver, "spelt")
        working = pool.submit(airlock.carry(work))
        is_placed.wait(10)

    assert baked == ["deliver spelt"]
    assert len(scope.rolled_back) == 1


def test_a_connection_that_a_thread_opens_late(
    using: str, baked: list[str], pool: ThreadPoolExecutor
) -> None:
    """The thread has enqueued before, when the connection was not there yet."""

    def work() -> None:
        with transaction.atomic("archive"):
            airlock.enqueue(deliver, "rye")
        with transaction.atomic(using):
            airlock.enqueue(deliver, "spelt")
            transaction.set_rollback(True, using)

    with airlock.scope(_cls=DjangoScope):
        pool.submit(airlock.carry(work)).result()

    assert baked == ["deliver rye"]


def test_a_copy_of_a_connection_does_not_count(using: str, baked: list[str]) -> None:
    """`on_commit()` would not find it either."""
    copy = connections[using].copy()
    copy.ensure_connection()
    copy.set_autocommit(False)

    with airlock.scope(_cls=DjangoScope):
        airlock.enqueue(deliver, "rye")
    BaseDatabaseWrapper.close(copy)

    assert baked == ["deliver rye"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_that_closes_what_it_inherited(
    using: str, baked: list[str]
) -> None:
    """The transaction is the parent's, who is told how it ends."""
    with transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope) as scope:
            airlock.enqueue(deliver, "rye")
        child = os.fork()
        if not child:
            # As close() does, without a word to the server.
            connections[using].run_on_commit = []
            os._exit(bool(scope.rolled_back or baked))
        assert os.waitpid(child, 0)[1] == 0

    assert baked == ["deliver rye"]
