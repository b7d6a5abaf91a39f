"""Transactions that end on their own: lost with the connection, or refused."""

from __future__ import annotations

import pytest
from bakery.models import order
from bakery.tasks import bake
from django.db import IntegrityError, connections, transaction

import airlock
from airlock.integrations.django import DjangoScope


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
