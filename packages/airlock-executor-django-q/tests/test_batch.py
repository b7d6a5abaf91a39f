"""Many effects of one flush leave in one statement."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection
from django_q.brokers import get_broker
from django_q.brokers.orm import ORM
from django_q.conf import Conf, logger
from django_q.models import OrmQ
from django_q.signals import pre_enqueue
from django_q.tasks import AsyncTask
from parcels import fail, ran, send
from queued_parcels import queued, run_all

import airlock
from airlock.integrations.executors.django_q import DjangoQOptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)

taken: list[str] = []


class OwnBroker(ORM):  # type: ignore[misc]
    """What a project may put in the place of django-q's."""

    def enqueue(self, task: str) -> Any:
        """Do more than write a row."""
        taken.append(task)
        return super().enqueue(task)


@pytest.fixture
def signalled() -> Iterator[list[Any]]:
    """What handlers of django-q's signal see, in order."""
    seen: list[Any] = []

    def see(task: dict[str, Any], **_: object) -> None:
        seen.append(task["args"])
        if task["args"] == ("refused",):
            raise PermissionError

    pre_enqueue.connect(see)
    yield seen
    pre_enqueue.disconnect(see)


def flush(*values: Any) -> airlock.Scope:
    """Let an effect leave for each value."""
    with airlock.scope(executor="django_q") as scope:
        for value in values:
            airlock.enqueue(send, value)
    return scope


def values() -> list[Any]:
    """What is in the queue, in order."""
    return [message["args"][0] for message in queued()]


def numbers(intents: list[airlock.Intent]) -> list[Any]:
    """The argument of each."""
    return [intent.args[0] for intent in intents]


def test_a_thousand_effects_take_a_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """One by one they would be a thousand, each with a commit."""
    # Two transactions, of two statements each where SQLite has few variables.
    with django_assert_max_num_queries(8):
        scope = flush(*range(1000))

    assert values() == list(range(1000))
    assert numbers(scope.dispatched) == list(range(1000))


def test_a_message_of_a_batch_is_one_of_django_q() -> None:
    """With an id, a name and a time of its own; the options are kept apart."""
    with airlock.scope(executor="django_q"):
        airlock.enqueue(send, 1, group="mine", _dispatch_options={"group": "mail"})
        airlock.enqueue(send, 2, _dispatch_options={"task_name": "two", "timeout": 5})

    first, second = queued()
    assert (first["group"], second["name"], second["timeout"]) == ("mail", "two", 5)
    assert first["id"] != second["id"]
    assert "broker" not in first
    run_all()
    assert ran == [(1, {"group": "mine"}), (2,)]


def test_each_queue_of_a_batch_gets_its_own() -> None:
    """Clusters may take turns, and the order is kept."""
    with airlock.scope(executor="django_q"):
        for number in range(4):
            options = {"cluster": "slow"} if number % 2 else None
            airlock.enqueue(send, number, _dispatch_options=options)

    keys = OrmQ.objects.order_by("pk").values_list("key", flat=True)
    assert list(keys) == ["parcels", "slow", "parcels", "slow"]
    assert values() == [0, 1, 2, 3]


def test_handlers_of_the_signal_see_each(signalled: list[Any]) -> None:
    """As they do one by one."""
    flush(1, 2, 3)

    assert signalled == [(1,), (2,), (3,)]


def test_the_first_that_fails_ends_the_batch(signalled: list[Any]) -> None:
    """What came before it has left, and nothing after it."""
    with pytest.raises(PermissionError) as raised:
        flush(1, 2, "refused", 4)

    assert "effect 3 of 4. Dispatched before it: 2" in raised.value.__notes__[0]
    assert values() == [1, 2]
    assert signalled == [(1,), (2,), ("refused",)]


def test_the_first_of_all_may_fail() -> None:
    """Then nothing leaves."""
    scope = airlock.Scope(executor="django_q").enter()
    airlock.enqueue(send, 1, _dispatch_options={"countdown": 1})
    airlock.enqueue(send, 2)
    scope.exit()

    with pytest.raises(DjangoQOptionError):
        scope.flush()

    assert scope.dispatched == []
    assert numbers(scope.undispatched) == [1, 2]
    assert values() == []


def test_what_cannot_be_pickled_ends_the_batch() -> None:
    """A later batch is not begun, an earlier one has left."""
    scope = airlock.Scope(executor="django_q").enter()
    for number in range(510):
        airlock.enqueue(send, number)
    airlock.enqueue(send, lambda: None)
    airlock.enqueue(send, "never")
    scope.exit()

    with pytest.raises(Exception, match="pickle"):
        scope.flush()

    assert numbers(scope.dispatched) == list(range(510))
    assert len(scope.undispatched) == 2
    assert values() == list(range(510))


def test_a_database_that_fails_takes_none_of_a_batch() -> None:
    """Its statement is written whole or not at all, and counts so."""
    scope = airlock.Scope(executor="django_q").enter()
    for number in range(600):
        # The batches end at 500.
        airlock.enqueue(send, number)
    scope.exit()
    written = 0

    def break_in_the_second(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        nonlocal written
        # Three columns to a row.
        written += len(params) // 3 if sql.startswith("INSERT") else 0
        if written > 500:
            raise DatabaseError("disk full")
        return execute(sql, params, *rest)

    with (
        connection.execute_wrapper(break_in_the_second),
        pytest.raises(DatabaseError, match="disk full"),
    ):
        scope.flush()

    assert numbers(scope.dispatched) == list(range(500))
    assert len(scope.undispatched) == 100
    assert values() == list(range(500))


def test_a_database_that_fails_does_not_hide_what_failed_before(
    signalled: list[Any],
) -> None:
    """Both are to be mended, and the traceback shows both."""

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT"):
            raise DatabaseError("disk full")
        return execute(sql, *rest)

    with (
        connection.execute_wrapper(refuse),
        pytest.raises(DatabaseError, match="disk full") as raised,
    ):
        flush(1, 2, "refused", 4)

    assert signalled[-1] == ("refused",)
    assert isinstance(raised.value.__context__, PermissionError)
    assert "Not attempted: 3." in raised.value.__notes__[0]
    assert values() == []


def test_the_log_does_not_say_that_rows_are_written_before_they_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Django-q's own line comes when its broker would have written the row."""
    # It does not propagate, unless the project says so.
    logger.addHandler(caplog.handler)

    with caplog.at_level("INFO", "django-q"):
        flush(1, 2)

    logger.removeHandler(caplog.handler)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "Enqueued [parcels] in a batch that is not written yet",
        "Enqueued [parcels] in a batch that is not written yet",
        "Wrote a batch of 2 tasks",
    ]


def test_a_batch_in_a_transaction_is_part_of_it() -> None:
    """As each task by itself would be."""
    from django.db import transaction

    with transaction.atomic():
        flush(1, 2, 3)
        assert values() == [1, 2, 3]
        transaction.set_rollback(True)

    assert values() == []


def test_what_is_no_row_leaves_in_its_place() -> None:
    """In the order of the enqueues, between two batches."""
    with airlock.scope(executor="django_q"):
        airlock.enqueue(send, 1)
        airlock.enqueue(send, 2)
        airlock.enqueue(AsyncTask(send, 3))
        airlock.enqueue(send, 4, _dispatch_options={"broker": get_broker()})
        airlock.enqueue(send, "at once", _dispatch_options={"sync": True})
        airlock.enqueue(send, 5)
        airlock.enqueue(send, 6)

    assert ran == [("at once",)]
    assert values() == [1, 2, 3, 4, 5, 6]


def test_a_synchronous_task_that_fails_ends_the_flush_between_batches() -> None:
    """What was before it is in the queue, and counts as dispatched."""
    scope = airlock.Scope(executor="django_q").enter()
    airlock.enqueue(send, 1)
    airlock.enqueue(send, 2)
    airlock.enqueue(fail, _dispatch_options={"sync": True})
    airlock.enqueue(send, 4)
    scope.exit()

    with pytest.raises(ValueError, match="boom"):
        scope.flush()

    assert numbers(scope.dispatched) == values() == [1, 2]


def test_a_broker_of_the_project_is_given_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A subclass of django-q's own may do more than write a row."""
    # Under a name of its own: pytest may have given this module another one.
    module = ModuleType("own_broker")
    module.OwnBroker = OwnBroker  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own_broker", module)
    monkeypatch.setattr(Conf, "BROKER_CLASS", "own_broker.OwnBroker")
    taken.clear()

    flush(1, 2, 3)

    assert len(taken) == 3
    assert values() == [1, 2, 3]
