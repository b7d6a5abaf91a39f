"""What tells that a rollback dropped an effect."""

from __future__ import annotations

import logging

import pytest
from bakery.tasks import bake, deliver
from django.db import connections, transaction

import airlock
from airlock import Outcome
from airlock.integrations.django import DjangoScope


def test_the_scope_tells_what_was_rolled_back(
    using: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As a list, in the report, and in one line of the log."""
    with airlock.scope(_cls=DjangoScope) as scope:
        airlock.enqueue(deliver, "rye")
        with transaction.atomic(using):
            airlock.enqueue(bake, "spelt")
            airlock.enqueue(deliver, "spelt")
            airlock.enqueue(bake, "oat")
            transaction.set_rollback(True, using)

    assert [intent.args for intent in scope.rolled_back] == [
        ("spelt",),
        ("spelt",),
        ("oat",),
    ]
    assert scope.report().counts == {Outcome.DISPATCHED: 1, Outcome.ROLLED_BACK: 3}
    assert f"with its work on the database {using}" in str(scope.report())
    [record] = [each for each in caplog.records if each.name == "airlock"]
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        f"A rollback on the database {using} dropped 3 effects: "
        f"bakery.tasks:bake (2), bakery.tasks:deliver (1)"
    )


@pytest.mark.parametrize("is_savepoint", [True, False])
def test_a_rollback_after_the_scope_is_told_as_well(
    using: str, caplog: pytest.LogCaptureFixture, *, is_savepoint: bool
) -> None:
    """Though Django calls nobody when it rolls back."""
    scope = airlock.scope(_cls=DjangoScope)
    with transaction.atomic(using):
        with transaction.atomic(using), scope:
            airlock.enqueue(deliver, "rye")
            transaction.set_rollback(is_savepoint, using)
        assert scope.report().counts == {Outcome.WAITING: 1}
        assert scope.undispatched == scope.intents
        transaction.set_rollback(not is_savepoint, using)

    assert scope.rolled_back == scope.intents
    assert scope.undispatched == []
    [record] = [each for each in caplog.records if each.name == "airlock"]
    assert "bakery.tasks:deliver (1)" in record.getMessage()


def test_flush_returns_what_was_not_rolled_back(using: str) -> None:
    """Those are what was dispatched."""
    scope = airlock.scope(_cls=DjangoScope).enter()
    airlock.enqueue(deliver, "rye")
    with transaction.atomic(using):
        airlock.enqueue(deliver, "spelt")
        transaction.set_rollback(True, using)
    scope.exit()

    assert [intent.args for intent in scope.flush()] == [("rye",)]
    assert scope.dispatched == scope.intents[:1]


def test_nothing_is_told_of_what_would_not_have_left(
    using: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A policy blocked it, or the scope was discarded: the rollback changed nothing."""
    with airlock.scope(airlock.DropAll(), _cls=DjangoScope) as blocked:
        with transaction.atomic(using):
            airlock.enqueue(deliver, "rye")
            transaction.set_rollback(True, using)
    with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope) as discarded:
            airlock.enqueue(deliver, "rye")
            raise ValueError("bad")

    assert blocked.report().counts == {Outcome.BLOCKED: 1}
    assert discarded.report().counts == {Outcome.DISCARDED: 1}
    assert not [each for each in caplog.records if each.name == "airlock"]


def test_a_blocked_intent_is_not_waited_for(using: str, baked: list[str]) -> None:
    """Only the transactions of what may leave matter."""
    scope = airlock.scope(airlock.BlockTasks({bake}), _cls=DjangoScope).enter()
    airlock.enqueue(deliver, "rye")
    with transaction.atomic(using):
        airlock.enqueue(bake, "rye")
        scope.exit()
        scope.flush()
        assert baked == ["deliver rye"]


def test_a_debugger_that_holds_on_to_the_callbacks(
    using: str, baked: list[str]
) -> None:
    """Airlock learns of a rollback when Django lets go of them, and asks as well."""
    waiting = airlock.scope(_cls=DjangoScope)
    with airlock.scope(_cls=DjangoScope) as late, transaction.atomic(using):
        airlock.enqueue(deliver, "rye")
        with waiting:
            airlock.enqueue(deliver, "spelt")
        held = connections[using].run_on_commit
        transaction.set_rollback(True, using)

    assert baked == []
    assert late.rolled_back == late.intents
    assert waiting.report().counts == {Outcome.WAITING: 1}
    del held
    assert waiting.rolled_back == waiting.intents
