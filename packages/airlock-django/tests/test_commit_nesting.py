"""Scopes and transactions around one another: only what is committed has effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bakery.models import Order, breads, order, order_unless_bad
from django.db import transaction

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _each_effect_has_its_row(using: str, baked: list[str]) -> Iterator[None]:
    """Every effect that left is of a row that is there, and in that order."""
    yield
    assert baked == breads(using)


def test_a_scope_around_a_transaction(using: str, baked: list[str]) -> None:
    """The usual order in a request: all is committed when the scope ends."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        order("rye", using)
        order("spelt", using)

    assert baked == ["rye", "spelt"]


def test_a_transaction_around_a_scope(using: str, baked: list[str]) -> None:
    """Nothing leaves between the end of the scope and the commit."""
    with transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope):
            order("rye", using)
        assert baked == []

    assert baked == ["rye"]


def test_a_scope_around_transactions_three_deep(using: str, baked: list[str]) -> None:
    """Only the outermost block is the transaction."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            order("rye", using)
            with transaction.atomic(using):
                order("spelt", using)
                with transaction.atomic(using):
                    order("oat", using)
                order("corn", using)
        assert baked == []

    assert baked == ["rye", "spelt", "oat", "corn"]


def test_transactions_three_deep_around_a_scope(using: str, baked: list[str]) -> None:
    """The release of a savepoint commits nothing."""
    with transaction.atomic(using):
        with transaction.atomic(using):
            with transaction.atomic(using):
                with airlock.scope(_cls=DjangoScope):
                    order("rye", using)
            assert baked == []
        assert baked == []

    assert baked == ["rye"]


def test_scopes_and_transactions_in_turn(using: str, baked: list[str]) -> None:
    """Each scope leaves as a whole, those inside first."""
    with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
        order("rye", using)
        with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
            order("spelt", using)
            with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
                order("oat", using)

    assert baked == ["oat", "spelt", "rye"]
    Order.objects.using(using).all().delete()
    baked.clear()


def test_a_savepoint_rolled_back_in_a_loop_of_rows(
    using: str, baked: list[str]
) -> None:
    """An import that skips bad rows: only the good ones have effects."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        for bread in ("rye", "bad", "spelt", "bad", "bad", "oat"):
            order_unless_bad(bread, using)
        order("corn", using)

    assert baked == ["rye", "spelt", "oat", "corn"]


def test_a_loop_of_rows_in_a_transaction_around_the_scope(
    using: str, baked: list[str]
) -> None:
    """The same, with the commit after the scope."""
    with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
        for bread in ("rye", "bad", "spelt"):
            order_unless_bad(bread, using)

    assert baked == ["rye", "spelt"]


def test_an_outer_transaction_rolled_back_and_caught(
    using: str, baked: list[str]
) -> None:
    """The scope goes on, and flushes what else there is."""
    with airlock.scope(_cls=DjangoScope):
        order("rye", using)
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            order("spelt", using)
            with transaction.atomic(using):
                order("oat", using)
            raise ValueError("bad")
        order("corn", using)

    assert baked == ["rye", "corn"]


def test_a_transaction_rolled_back_after_the_scope(
    using: str, baked: list[str]
) -> None:
    """What waited for it never leaves."""
    with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope):
            order("rye", using)
        raise ValueError("bad")

    assert baked == []


def test_a_savepoint_around_a_scope_rolled_back(using: str, baked: list[str]) -> None:
    """The outer transaction commits, without it."""
    with transaction.atomic(using):
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            with airlock.scope(_cls=DjangoScope):
                order("rye", using)
            raise ValueError("bad")
        with airlock.scope(_cls=DjangoScope):
            order("spelt", using)

    assert baked == ["spelt"]


def test_a_released_savepoint_in_one_that_is_rolled_back(
    using: str, baked: list[str]
) -> None:
    """Releasing it does not save it."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        order("rye", using)
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            with transaction.atomic(using):
                order("spelt", using)
            raise ValueError("bad")
        order("oat", using)

    assert baked == ["rye", "oat"]


def test_a_block_without_savepoint_takes_the_one_around_with_it(
    using: str, baked: list[str]
) -> None:
    """`savepoint=False`: its rollback is that of the block around it."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        order("rye", using)
        with transaction.atomic(using):
            order("spelt", using)
            with (
                pytest.raises(ValueError, match="bad"),
                transaction.atomic(using, savepoint=False),
            ):
                order("oat", using)
                raise ValueError("bad")
        order("corn", using)

    assert baked == ["rye", "corn"]


def test_a_block_without_savepoint_that_ends_well(using: str, baked: list[str]) -> None:
    """It is a part of the one around it."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        with transaction.atomic(using, savepoint=False):
            order("rye", using)
        order("spelt", using)

    assert baked == ["rye", "spelt"]


def test_a_durable_block(using: str, baked: list[str]) -> None:
    """`durable=True` is an outermost block like any."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using, durable=True):
            order("rye", using)
        with (
            pytest.raises(ValueError, match="bad"),
            transaction.atomic(using, durable=True),
        ):
            order("spelt", using)
            raise ValueError("bad")

    assert baked == ["rye"]


def test_a_rollback_that_was_asked_for(using: str, baked: list[str]) -> None:
    """`set_rollback(True)`: no exception tells of it."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            order("rye", using)
            transaction.set_rollback(True, using)
        with transaction.atomic(using):
            order("spelt", using)
            with transaction.atomic(using):
                order("oat", using)
                transaction.set_rollback(True, using)

    assert baked == ["spelt"]


def test_two_transactions_one_after_the_other(using: str, baked: list[str]) -> None:
    """Each decides about its own."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            order("rye", using)
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            order("spelt", using)
            raise ValueError("bad")
        with transaction.atomic(using):
            order("oat", using)
        assert baked == []

    assert baked == ["rye", "oat"]


def test_a_decorated_function_that_is_called_twice(
    using: str, baked: list[str]
) -> None:
    """Django uses one `Atomic` object for all calls, also for one inside another."""

    @transaction.atomic(using)
    def place(bread: str, *inner: str) -> None:
        order(bread, using)
        for each in inner:
            place(each)

    with airlock.scope(_cls=DjangoScope):
        place("rye", "spelt")
        place("oat")

    assert baked == ["rye", "spelt", "oat"]
