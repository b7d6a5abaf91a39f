"""Tests that users write: the transactions of the test case itself do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from bakery.models import breads, order
from bakery.tasks import deliver, done, fail
from django.db import connections, transaction
from django.test import Client, TestCase, TransactionTestCase

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _leaves_no_callback(request: pytest.FixtureRequest) -> Iterator[None]:
    """The connection is as it was, and no marker is among the callbacks."""
    wrapped = "wrapped" in request.fixturenames and request.getfixturevalue("wrapped")
    yield
    if wrapped:
        assert type(connections[wrapped].savepoint_ids) is list
        entries: list[Any] = connections[wrapped].run_on_commit
        assert not [entry for entry in entries if "airlock" in entry[1].__module__]


def test_effects_leave_at_the_end_of_the_scope(wrapped: str, baked: list[str]) -> None:
    """In production this is autocommit."""
    with airlock.scope(_cls=DjangoScope):
        order("rye", wrapped)
        assert baked == []
        order("spelt", wrapped)

    assert baked == breads(wrapped) == ["rye", "spelt"]


def test_a_scope_around_a_transaction_of_the_code(
    wrapped: str, baked: list[str]
) -> None:
    """All is committed when the scope ends."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(wrapped):
        order("rye", wrapped)
        with transaction.atomic(wrapped):
            order("spelt", wrapped)

    assert baked == breads(wrapped) == ["rye", "spelt"]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("kind", ["savepoint", "no savepoint", "durable"])
def test_a_transaction_of_the_code_around_a_scope(
    wrapped: str, baked: list[str], depth: int, kind: str
) -> None:
    """Effects leave where the outermost block of the code ends, and not before."""

    def nest(left: int) -> None:
        with transaction.atomic(wrapped, savepoint=kind == "savepoint"):
            if left:
                nest(left - 1)
            else:
                with airlock.scope(_cls=DjangoScope):
                    order("rye", wrapped)
        assert baked == []

    outermost = transaction.atomic(
        wrapped, savepoint=kind != "no savepoint", durable=kind == "durable"
    )
    with outermost:
        nest(depth)
        with airlock.scope(_cls=DjangoScope):
            order("spelt", wrapped)
        assert baked == []

    assert baked == breads(wrapped) == ["rye", "spelt"]


def test_a_savepoint_rolled_back_inside_the_test(
    wrapped: str, baked: list[str]
) -> None:
    """Only the good rows' effects leave."""
    with airlock.scope(_cls=DjangoScope) as scope, transaction.atomic(wrapped):
        for bread in ("rye", "bad", "spelt"):
            with transaction.atomic(wrapped):
                order(bread, wrapped)
                transaction.set_rollback(bread == "bad", wrapped)

    assert baked == breads(wrapped) == ["rye", "spelt"]
    assert [intent.args for intent in scope.rolled_back] == [("bad",)]


@pytest.mark.parametrize("is_around", [True, False])
def test_a_transaction_rolled_back_inside_the_test(
    wrapped: str, baked: list[str], *, is_around: bool
) -> None:
    """On either side of the scope."""
    scope = airlock.scope(_cls=DjangoScope).enter()
    with pytest.raises(ValueError, match="bad"), transaction.atomic(wrapped):
        order("rye", wrapped)
        if is_around:
            scope.exit()
            scope.flush()
        raise ValueError("bad")
    if not is_around:
        scope.exit()
        scope.flush()

    assert baked == breads(wrapped) == []
    assert len(scope.rolled_back) == 1


def test_a_block_without_savepoint_rolled_back_inside_the_test(
    wrapped: str, baked: list[str]
) -> None:
    """Django leaves the test's own transaction broken; the effects are dropped."""
    with airlock.scope(_cls=DjangoScope):
        with (
            pytest.raises(ValueError, match="bad"),
            transaction.atomic(wrapped, savepoint=False),
        ):
            airlock.enqueue(deliver, "rye")
            raise ValueError("bad")
    transaction.set_rollback(False, wrapped)

    assert baked == []


def test_effects_older_than_a_rolled_back_transaction(
    wrapped: str, baked: list[str]
) -> None:
    """As in production they leave when it is over."""
    scope = airlock.scope(_cls=DjangoScope).enter()
    airlock.enqueue(deliver, "rye")
    with transaction.atomic(wrapped):
        airlock.enqueue(deliver, "spelt")
        scope.exit()
        scope.flush()
        assert baked == []
        transaction.set_rollback(True, wrapped)

    assert baked == ["deliver rye"]


def test_two_databases_in_a_test(wrapped: str, baked: list[str]) -> None:
    """Each has its own wrapper, and the last transaction of the code decides."""
    with transaction.atomic("archive"):
        with transaction.atomic(wrapped), airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")
        assert baked == []
    with airlock.scope(_cls=DjangoScope), transaction.atomic(wrapped):
        with transaction.atomic("archive"):
            airlock.enqueue(deliver, "spelt")
            transaction.set_rollback(True, "archive")
        airlock.enqueue(deliver, "oat")

    assert baked == ["deliver rye", "deliver oat"]


def test_a_request_in_a_test(wrapped: str, baked: list[str]) -> None:
    """The view's block is rolled back, and what it did after it is not."""
    response = Client().get(f"/undone/{wrapped}/block/")

    assert response.status_code == 200
    assert baked == breads(wrapped) == ["spelt"]


def test_a_failing_dispatch_reaches_the_test(wrapped: str) -> None:
    """It is raised at the end of the block, as in production."""
    with pytest.raises(ConnectionError) as caught, transaction.atomic(wrapped):
        with airlock.scope(_cls=DjangoScope):
            order("rye", wrapped)
            airlock.enqueue(fail, "spelt")

    assert "effect 2 of 2" in caught.value.__notes__[0]
    assert breads(wrapped) == ["rye"]


def test_the_first_of_two_failing_dispatches_reaches_the_test(
    wrapped: str, baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The other one is logged, and what comes after them leaves, as in production."""
    with pytest.raises(ConnectionError, match="rye"), transaction.atomic(wrapped):
        for task, bread in ((fail, "rye"), (fail, "spelt"), (deliver, "oat")):
            with airlock.scope(_cls=DjangoScope):
                airlock.enqueue(task, bread)

    assert baked == ["deliver oat"]
    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert record.exc_info
    assert str(record.exc_info[1]) == "spelt"


@pytest.mark.parametrize("execute", [True, False])
def test_capturing_callbacks_changes_nothing(
    wrapped: str, baked: list[str], *, execute: bool
) -> None:
    """Effects are no callbacks: they leave once, and are not among what it captures."""
    with TestCase.captureOnCommitCallbacks(using=wrapped, execute=execute) as captured:
        with transaction.atomic(wrapped):
            transaction.on_commit(lambda: baked.append("callback"), wrapped)
            with airlock.scope(_cls=DjangoScope), transaction.atomic(wrapped):
                order("rye", wrapped)
            assert baked == []
        assert baked == ["rye"]

    assert len(captured) == 1
    assert baked == (["rye", "callback"] if execute else ["rye"])


def test_capturing_callbacks_inside_a_transaction_of_the_code(
    wrapped: str, baked: list[str]
) -> None:
    """The block is still open: it may yet be rolled back."""
    with transaction.atomic(wrapped):
        with TestCase.captureOnCommitCallbacks(using=wrapped, execute=True):
            with airlock.scope(_cls=DjangoScope):
                order("rye", wrapped)
        assert baked == []
        transaction.set_rollback(True, wrapped)

    assert baked == []


def test_a_callback_that_enqueues(wrapped: str, baked: list[str]) -> None:
    """Run by the capture, it enqueues in the scope that is current then."""
    with airlock.scope(_cls=DjangoScope):
        with TestCase.captureOnCommitCallbacks(using=wrapped, execute=True):
            with transaction.atomic(wrapped):
                order("rye", wrapped)
                transaction.on_commit(lambda: airlock.enqueue(deliver, "late"), wrapped)

    assert baked == ["rye", "deliver late"]


class InTestCase(TestCase):
    """Django's class itself, with what it does once per class."""

    databases: ClassVar[set[str]] = {"default", "archive"}  # type: ignore[misc]
    baked: ClassVar[list[str]]

    @classmethod
    def setUpTestData(cls) -> None:
        done.clear()
        with transaction.atomic(), airlock.scope(_cls=DjangoScope):
            order("rye", "default")
        cls.baked = list(done)

    def setUp(self) -> None:
        done.clear()

    def test_data_of_the_class(self) -> None:
        assert self.baked == ["rye"]

    def test_a_transaction(self) -> None:
        with transaction.atomic("archive"), transaction.atomic():
            with airlock.scope(_cls=DjangoScope):
                order("spelt", "default")
        with pytest.raises(ValueError, match="bad"), airlock.scope(_cls=DjangoScope):
            with transaction.atomic():
                order("oat", "default")
                raise ValueError("bad")

        assert done == ["spelt"]
        assert breads("default") == ["rye", "spelt"]


class InTransactionTestCase(TransactionTestCase):
    """It wraps nothing: all is as in production."""

    def test_a_transaction(self) -> None:
        done.clear()
        with transaction.atomic():
            with airlock.scope(_cls=DjangoScope):
                order("spelt", "default")
            assert done == []

        assert done == ["spelt"]
