"""Two databases: an effect needs the transactions of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bakery.models import breads, order
from bakery.tasks import deliver
from django.db import connections, transaction

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import DjangoDbBlocker, Settings


def test_effects_wait_for_the_last_of_two_transactions(
    using: str, baked: list[str]
) -> None:
    """A worker may look at either."""
    with transaction.atomic(using):
        with transaction.atomic("archive"):
            with airlock.scope(_cls=DjangoScope):
                airlock.enqueue(deliver, "rye")
            assert baked == []
        assert baked == []

    assert baked == ["deliver rye"]


@pytest.mark.parametrize("is_inner", [True, False])
def test_one_of_two_transactions_rolled_back(
    using: str, baked: list[str], *, is_inner: bool
) -> None:
    """What was enqueued in both belongs to that one too."""
    outer, inner = (using, "archive") if is_inner else ("archive", using)
    with airlock.scope(_cls=DjangoScope) as scope:
        with transaction.atomic(outer):
            order("rye", outer)
            with pytest.raises(ValueError, match="bad"), transaction.atomic(inner):
                order("spelt", inner)
                raise ValueError("bad")
            order("oat", outer)

    assert baked == breads(outer) == ["rye", "oat"]
    [fate] = [f for f in scope.report().fates if f.intent in scope.rolled_back]
    assert fate.reason == f"with its work on the database {inner}"


def test_the_outer_transaction_rolled_back_after_the_inner_commit(
    using: str, baked: list[str]
) -> None:
    """The inner commit is not the last."""
    with pytest.raises(ValueError, match="bad"), transaction.atomic("archive"):
        with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
            order("rye", using)
        raise ValueError("bad")

    assert breads(using) == ["rye"]
    assert baked == []


def test_transactions_that_end_in_the_order_they_began(
    using: str, baked: list[str]
) -> None:
    """No `with` makes these; each intent still has its own."""
    scope = airlock.scope(_cls=DjangoScope).enter()
    first, second = transaction.atomic(using), transaction.atomic("archive")
    first.__enter__()
    order("rye", using)
    second.__enter__()
    order("spelt", "archive")
    scope.exit()
    scope.flush()
    first.__exit__(None, None, None)
    assert baked == []
    second.__exit__(ValueError, ValueError("bad"), None)

    assert baked == breads(using) == ["rye"]


def test_order_of_enqueueing_across_databases(using: str, baked: list[str]) -> None:
    """First enqueued, first sent, whichever commits first."""
    with airlock.scope(_cls=DjangoScope):
        order("rye", "archive")
        with transaction.atomic(using):
            order("spelt", using)
            with transaction.atomic("archive"):
                order("oat", "archive")
            order("corn", using)
        order("emmer", "archive")

    assert baked == ["rye", "spelt", "oat", "corn", "emmer"]


def test_a_database_that_is_added_at_run_time(
    baked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """As one for each tenant, when the first effects have left."""
    with airlock.scope(_cls=DjangoScope):
        airlock.enqueue(deliver, "rye")
    known: Any = connections.databases
    tenant = {**known["archive"], "NAME": tmp_path / "tenant"}
    monkeypatch.setitem(known, "tenant", tenant)

    # A test case allows only what is in the settings.
    with django_db_blocker.unblock():
        with airlock.scope(_cls=DjangoScope) as scope, transaction.atomic("tenant"):
            airlock.enqueue(deliver, "spelt")
            transaction.set_rollback(True, "tenant")
        connections["tenant"].close()
    del connections["tenant"]

    assert baked == ["deliver rye"]
    assert scope.rolled_back == scope.intents


def test_one_database_can_be_singled_out(
    using: str, baked: list[str], settings: Settings
) -> None:
    """With `DATABASE_ALIAS` the transactions of others do not count."""
    settings.AIRLOCK = {"DATABASE_ALIAS": using}

    with airlock.scope(_cls=DjangoScope), transaction.atomic("archive"):
        with transaction.atomic(using):
            airlock.enqueue(deliver, "rye")
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            airlock.enqueue(deliver, "spelt")
            raise ValueError("bad")
        airlock.enqueue(deliver, "oat")
        transaction.set_rollback(True, "archive")

    assert baked == ["deliver rye", "deliver oat"]


def test_the_rule_can_be_turned_off(
    using: str, baked: list[str], settings: Settings
) -> None:
    """With `USE_ON_COMMIT: False` the scope alone decides."""
    settings.AIRLOCK = {"USE_ON_COMMIT": False}

    with transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope):
            with transaction.atomic(using):
                airlock.enqueue(deliver, "rye")
                transaction.set_rollback(True, using)
        assert baked == ["deliver rye"]
