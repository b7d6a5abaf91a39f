"""Transactions that are managed by hand."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from bakery.models import breads, order
from bakery.tasks import deliver, fail
from django.db import connections, transaction

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def manual(using: str) -> Iterator[None]:
    """No autocommit, as `set_autocommit(False)` leaves it."""
    transaction.set_autocommit(False, using)
    yield
    if not connections[using].get_autocommit():
        transaction.rollback(using)
        transaction.set_autocommit(True, using)


@pytest.fixture
def create_savepoint(using: str) -> Callable[[], str]:
    """Django 6.1 gave `transaction.savepoint()` another name."""
    create: Callable[..., str] = getattr(
        transaction, "savepoint_create", transaction.savepoint
    )
    return lambda: create(using)


def test_a_savepoint_committed_by_hand(
    using: str, baked: list[str], create_savepoint: Callable[[], str]
) -> None:
    """Its effects are those of the transaction."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        order("rye", using)
        savepoint = create_savepoint()
        order("spelt", using)
        transaction.savepoint_commit(savepoint, using)

    assert baked == breads(using) == ["rye", "spelt"]


def test_a_savepoint_rolled_back_by_hand(
    using: str, baked: list[str], create_savepoint: Callable[[], str]
) -> None:
    """As a callback of `on_commit()`, the effect leaves: Django does not know it.

    A nested `atomic()` is the way to have both dropped.
    """
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        order("rye", using)
        savepoint = create_savepoint()
        transaction.on_commit(lambda: deliver("on_commit"), using)
        order("spelt", using)
        transaction.savepoint_rollback(savepoint, using)

    assert breads(using) == ["rye"]
    assert baked == ["deliver on_commit", "rye", "spelt"]


def test_a_rollback_by_hand_to_the_savepoint_of_a_block(
    using: str, baked: list[str]
) -> None:
    """What follows in the same block is new, and counts."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        order("rye", using)
        with transaction.atomic(using):
            order("bad", using)
            transaction.savepoint_rollback(connections[using].savepoint_ids[-1], using)
            order("spelt", using)

    assert baked == breads(using) == ["rye", "spelt"]


@pytest.mark.usefixtures("manual")
def test_a_commit_by_hand(using: str, baked: list[str]) -> None:
    """Effects leave when autocommit is back, as callbacks of `on_commit()` do."""
    with airlock.scope(_cls=DjangoScope):
        order("rye", using)
    transaction.commit(using)
    assert baked == []
    transaction.set_autocommit(True, using)

    assert baked == breads(using) == ["rye"]


@pytest.mark.usefixtures("manual")
def test_a_scope_around_a_commit_by_hand(using: str, baked: list[str]) -> None:
    """The end of the scope comes last."""
    with airlock.scope(_cls=DjangoScope):
        order("rye", using)
        transaction.commit(using)
        transaction.set_autocommit(True, using)
        assert baked == []

    assert baked == breads(using) == ["rye"]


@pytest.mark.usefixtures("manual")
def test_two_transactions_by_hand(using: str, baked: list[str]) -> None:
    """Each has its own end, though autocommit is not back between them."""
    with airlock.scope(_cls=DjangoScope) as first:
        order("rye", using)
    transaction.commit(using)
    with airlock.scope(_cls=DjangoScope) as second:
        order("spelt", using)
    transaction.rollback(using)
    with airlock.scope(_cls=DjangoScope):
        order("oat", using)
    transaction.commit(using)
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            order("corn", using)
        order("emmer", using)
    transaction.commit(using)
    transaction.set_autocommit(True, using)

    assert baked == breads(using) == ["rye", "oat", "corn", "emmer"]
    assert first.rolled_back == []
    assert second.rolled_back == second.intents


@pytest.mark.usefixtures("manual")
def test_a_scope_around_two_transactions_by_hand(using: str, baked: list[str]) -> None:
    """It asks which of them was committed when it ends."""
    with airlock.scope(_cls=DjangoScope) as scope:
        order("rye", using)
        transaction.commit(using)
        order("spelt", using)
        transaction.rollback(using)

    assert baked == breads(using) == ["rye"]
    assert [intent.args for intent in scope.rolled_back] == [("spelt",)]


def test_a_callback_that_raised_before_a_transaction_by_hand(
    using: str, baked: list[str]
) -> None:
    """Django forgets to note that it has called those of the commit before."""
    with pytest.raises(ZeroDivisionError), transaction.atomic(using):
        transaction.on_commit(lambda: 1 / 0, using)
    transaction.set_autocommit(False, using)
    with airlock.scope(_cls=DjangoScope) as scope:
        order("rye", using)
    transaction.rollback(using)
    transaction.set_autocommit(True, using)

    assert baked == breads(using) == []
    assert scope.rolled_back == scope.intents


@pytest.mark.usefixtures("manual")
def test_a_rollback_by_hand(using: str, baked: list[str]) -> None:
    """Nothing leaves, whichever side of the rollback the scope ends on."""
    with airlock.scope(_cls=DjangoScope) as early:
        order("rye", using)
    with airlock.scope(_cls=DjangoScope) as late:
        order("spelt", using)
        transaction.rollback(using)
    transaction.set_autocommit(True, using)

    assert baked == breads(using) == []
    assert len(early.rolled_back) == len(late.rolled_back) == 1


@pytest.mark.usefixtures("manual")
def test_a_block_in_a_transaction_by_hand(using: str, baked: list[str]) -> None:
    """There `atomic()` is a savepoint, also the outermost."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            order("rye", using)
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            order("spelt", using)
            raise ValueError("bad")
        transaction.commit(using)
        transaction.set_autocommit(True, using)

    assert baked == breads(using) == ["rye"]


def test_effects_older_than_a_rolled_back_transaction(
    using: str, baked: list[str]
) -> None:
    """They waited for its end to keep their place, and are sent when it is over."""
    scope = airlock.scope(_cls=DjangoScope).enter()
    order("rye", using)
    with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
        order("spelt", using)
        scope.exit()
        scope.flush()
        assert baked == []
        raise ValueError("bad")

    assert baked == breads(using) == ["rye"]
    assert [i.args for i in scope.report().of(airlock.Outcome.ROLLED_BACK)] == [
        ("spelt",)
    ]


def test_effects_older_than_a_savepoint_that_they_were_flushed_in(
    using: str, baked: list[str]
) -> None:
    """The flush has happened, though the work around it is undone."""
    scope = airlock.scope(_cls=DjangoScope).enter()
    with transaction.atomic(using):
        order("rye", using)
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            order("spelt", using)
            scope.exit()
            scope.flush()
            raise ValueError("bad")
        assert baked == []

    assert baked == breads(using) == ["rye"]


def test_a_failing_dispatch_after_a_rollback_reaches_the_caller(using: str) -> None:
    """It is raised where a failing callback would be."""
    scope = airlock.scope(_cls=DjangoScope, executor=_refuse).enter()
    airlock.enqueue(deliver, "rye")

    with pytest.raises(ConnectionError) as caught, transaction.atomic(using):
        airlock.enqueue(deliver, "spelt")
        scope.exit()
        scope.flush()
        raise ValueError("bad")

    assert "effect 1 of 1" in caught.value.__notes__[0]
    assert isinstance(caught.value.__context__, ValueError)


def test_two_failing_dispatches_after_a_rollback(
    using: str, baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Django stops at the first; what comes after it is dispatched all the same."""
    with pytest.raises(ConnectionError, match="rye"), transaction.atomic(using):
        for task, bread in ((fail, "rye"), (fail, "spelt"), (deliver, "oat")):
            with airlock.scope(_cls=DjangoScope) as scope:
                _enqueue_untied(scope, task, bread)
                airlock.enqueue(deliver, "bad")
        transaction.set_rollback(True, using)
    gc.collect()

    assert baked == ["deliver oat"]
    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert record.exc_info
    assert str(record.exc_info[1]) == "spelt"


def _enqueue_untied(scope: airlock.Scope, task: Callable[..., object], x: str) -> None:
    # Another thread has no part in the transaction of this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(airlock.carry(airlock.enqueue), task, x).result()
    assert len(scope.intents) == 1


@pytest.mark.usefixtures("manual")
def test_effects_older_than_a_rollback_by_hand(
    using: str, baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """They leave at the rollback: nobody knows whether autocommit comes back."""
    with airlock.scope(_cls=DjangoScope) as scope:
        _enqueue_untied(scope, deliver, "oat")
        order("rye", using)
    with airlock.scope(_cls=DjangoScope) as failing:
        _enqueue_untied(failing, fail, "spelt")
        order("rye", using)
    transaction.rollback(using)

    assert baked == ["deliver oat"]
    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert record.getMessage().endswith("1 did not leave: bakery.tasks:fail (1)")


def _refuse(intent: airlock.Intent) -> None:
    raise ConnectionError(intent.name)
