"""Coroutines that sync code calls in a transaction: another thread runs them."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, TypeVar

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from bakery.models import Order, breads, order_unless_bad
from bakery.tasks import deliver
from django.db import connections, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.test import AsyncClient, Client

import airlock
from airlock import Outcome
from airlock.integrations.django import DjangoScope
from airlock.integrations.django.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

T = TypeVar("T")


@pytest.fixture
def _async_receiver(_receivers: None) -> Iterator[None]:
    """Django calls it in a coroutine, whoever saves."""

    @receiver(post_save, sender=Order)
    async def note(instance: Order, **signal: object) -> None:
        del signal
        airlock.enqueue(deliver, instance.bread)

    yield
    del note


async def order_delivery(bread: str = "rye") -> None:
    """Enqueue in the thread of the event loop."""
    await asyncio.sleep(0)
    airlock.enqueue(deliver, bread)


def run(work: Coroutine[object, object, T]) -> T:
    """Run it where sync code has another thread, as under ASGI, and tidy up there."""

    async def main() -> T:
        try:
            return await work
        finally:
            await sync_to_async(connections.close_all)()

    return asyncio.run(main())


def get(path: str, *, is_async: bool) -> int:
    """Have a path answered by the handler for WSGI or that for ASGI."""
    if is_async:
        return run(AsyncClient().get(path)).status_code
    return Client().get(path).status_code


@pytest.mark.parametrize("is_async", [False, True], ids=["wsgi", "asgi"])
@pytest.mark.usefixtures("_async_receiver")
def test_an_async_receiver_in_a_view_that_is_rolled_back(
    using: str, baked: list[str], monkeypatch: pytest.MonkeyPatch, *, is_async: bool
) -> None:
    """Its effects are dropped with those that `save()` itself has enqueued."""
    monkeypatch.setitem(connections.settings[using], "ATOMIC_REQUESTS", True)

    assert get(f"/undone/{using}/", is_async=is_async) == 200

    assert baked == breads(using) == []


@pytest.mark.parametrize("is_async", [False, True], ids=["wsgi", "asgi"])
@pytest.mark.usefixtures("_async_receiver")
def test_an_async_receiver_in_a_transaction_of_a_view(
    using: str, baked: list[str], *, is_async: bool
) -> None:
    """What was rolled back is dropped, and what was not leaves, in order."""
    assert get(f"/undone/{using}/block/", is_async=is_async) == 200

    assert baked == ["deliver spelt", "spelt"]


@pytest.mark.usefixtures("_async_receiver")
def test_an_async_receiver_in_savepoints(using: str, baked: list[str]) -> None:
    """Each rollback takes along what belongs to it."""
    with airlock.scope(_cls=DjangoScope) as scope, transaction.atomic(using):
        for bread in ("rye", "bad", "spelt"):
            order_unless_bad(bread, using)

    assert baked == ["deliver rye", "rye", "deliver spelt", "spelt"]
    assert len(scope.rolled_back) == 2


@pytest.mark.usefixtures("_async_receiver")
def test_an_async_receiver_in_a_test_case(wrapped: str, baked: list[str]) -> None:
    """The test's own transaction does not count, and those in it do."""
    with airlock.scope(_cls=DjangoScope):
        order_unless_bad("bad", wrapped)
        Order(bread="rye").save(using=wrapped)
        with transaction.atomic(wrapped):
            Order(bread="spelt").save(using=wrapped)

    assert baked == ["deliver rye", "rye", "deliver spelt", "spelt"]


@pytest.mark.parametrize("is_bad", [False, True])
def test_a_scope_that_ends_before_the_transaction_does(
    using: str, baked: list[str], *, is_bad: bool
) -> None:
    """The effects wait for the commit, though the scope has ended."""
    with transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope) as scope:
            async_to_sync(order_delivery)()
        [fate] = scope.report().fates
        assert (fate.outcome, baked) == (Outcome.WAITING, [])
        transaction.set_rollback(is_bad, using)

    assert baked == ([] if is_bad else ["deliver rye"])


@pytest.mark.parametrize("is_awaited", [False, True], ids=["with", "async with"])
@pytest.mark.parametrize("is_bad", [False, True])
def test_a_scope_of_the_coroutine(
    using: str, baked: list[str], *, is_bad: bool, is_awaited: bool
) -> None:
    """It ends in the thread of the loop, and what leaves does so at the commit."""

    async def work() -> None:
        if is_awaited:
            async with airlock.scope(_cls=DjangoScope):
                airlock.enqueue(deliver, "rye")
        else:
            with airlock.scope(_cls=DjangoScope):
                airlock.enqueue(deliver, "rye")

    with transaction.atomic(using):
        async_to_sync(work)()
        assert baked == []
        transaction.set_rollback(is_bad, using)

    assert baked == ([] if is_bad else ["deliver rye"])


def test_a_transaction_by_hand(using: str, baked: list[str]) -> None:
    """Autocommit is off, and each commit ends a transaction."""
    with airlock.scope(_cls=DjangoScope):
        transaction.set_autocommit(False, using)
        async_to_sync(order_delivery)("rye")
        transaction.commit(using)
        async_to_sync(order_delivery)("bad")
        transaction.rollback(using)
        transaction.set_autocommit(True, using)

    assert baked == ["deliver rye"]


def test_a_transaction_that_spans_threads(using: str, baked: list[str]) -> None:
    """Code that is async entered it in the thread for sync code, and left it there."""

    async def main() -> None:
        async with airlock.scope(_cls=DjangoScope) as scope:
            block = transaction.atomic(using)
            await sync_to_async(block.__enter__)()
            airlock.enqueue(deliver, "bad")
            await sync_to_async(block.__exit__)(ValueError, ValueError(), None)
            airlock.enqueue(deliver, "rye")
        assert len(scope.rolled_back) == 1

    async_to_sync(main)()

    assert baked == ["deliver rye"]


async def have_neighbour(using: str) -> None:
    """Enqueue while a coroutine beside has a block open, which is rolled back."""
    begun, noted = asyncio.Event(), asyncio.Event()

    async def neighbour() -> None:
        block = transaction.atomic(using)
        await sync_to_async(block.__enter__)()
        begun.set()
        await noted.wait()
        await sync_to_async(block.__exit__)(ValueError, ValueError(), None)

    async def work() -> None:
        await begun.wait()
        airlock.enqueue(deliver, "rye")
        noted.set()

    await asyncio.gather(neighbour(), work())


def test_a_transaction_of_a_neighbour(using: str, baked: list[str]) -> None:
    """What another coroutine has begun in the common thread is none of one's own."""
    with airlock.scope(_cls=DjangoScope):
        async_to_sync(have_neighbour)(using)

    assert baked == ["deliver rye"]


def test_a_savepoint_of_a_neighbour(using: str, baked: list[str]) -> None:
    """It is not known to be another's: the transaction is around both."""
    with airlock.scope(_cls=DjangoScope) as scope, transaction.atomic(using):
        async_to_sync(have_neighbour)(using)

    assert baked == []
    assert len(scope.rolled_back) == 1


def test_a_task_that_outlives_the_transaction(using: str, baked: list[str]) -> None:
    """By then its caller has ended that, and may be in the next."""
    go = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def later() -> None:
        await go.wait()
        airlock.enqueue(deliver, "rye")

    async def begin() -> None:
        tasks.append(asyncio.create_task(later()))

    async def finish() -> None:
        go.set()
        await tasks[0]

    def work() -> None:
        with transaction.atomic(using):
            async_to_sync(begin)()
        with transaction.atomic(using):
            async_to_sync(finish)()
            transaction.set_rollback(True, using)

    async def main() -> None:
        async with airlock.scope(_cls=DjangoScope):
            await sync_to_async(work)()

    run(main())

    assert baked == ["deliver rye"]


def test_a_loop_in_the_thread_of_the_transaction(using: str, baked: list[str]) -> None:
    """`asyncio.run` starts it where its caller is."""
    with airlock.scope(_cls=DjangoScope) as scope:
        with transaction.atomic(using):
            asyncio.run(order_delivery("bad"))
            transaction.set_rollback(True, using)
        asyncio.run(order_delivery())

    assert baked == ["deliver rye"]
    assert len(scope.rolled_back) == 1


def test_a_task_that_enqueues_while_its_caller_commits_loses_nothing(
    using: str, baked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its effect must not take a place in the next transaction on the connection."""
    has_begun = threading.Event()
    begin = Transaction.begin
    loop_thread = threading.get_ident()
    tasks: list[asyncio.Task[None]] = []

    def slow_begin(self: Transaction) -> None:
        if threading.get_ident() == loop_thread:
            has_begun.set()
            # The commit waits for this; else it is over by then.
            time.sleep(0.2)
        begin(self)

    async def start_a_task() -> None:
        tasks.append(asyncio.create_task(order_delivery()))

    def view() -> None:
        with transaction.atomic(using):
            async_to_sync(start_a_task)()
            has_begun.wait(10)

    def next_view() -> None:
        with transaction.atomic(using):
            transaction.set_rollback(True, using)

    async def work() -> None:
        async with airlock.scope(_cls=DjangoScope):
            await sync_to_async(view)()
            await tasks[0]
        await sync_to_async(next_view)()

    monkeypatch.setattr(Transaction, "begin", slow_begin)
    run(work())

    assert baked == ["deliver rye"]
