"""Beside other callbacks of `transaction.on_commit()`."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import pytest
from bakery.models import breads, order, order_unless_bad
from bakery.tasks import deliver, fail
from django.db import connections, transaction

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from collections.abc import Callable


def boom() -> None:
    """Be another application's callback, and a bad one."""
    raise LookupError("boom")


def test_a_callback_that_enqueues_in_the_scope(using: str, baked: list[str]) -> None:
    """It runs at the commit, in autocommit: its effect is not tied to anything."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            transaction.on_commit(lambda: airlock.enqueue(deliver, "late"), using)
            order("rye", using)
        order("spelt", using)

    assert baked == ["rye", "deliver late", "spelt"]


def test_a_callback_that_enqueues_after_the_scope(using: str, baked: list[str]) -> None:
    """There is no scope any more, and it says so; what was flushed is sent."""
    with pytest.raises(airlock.NoScopeError), transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope):
            order("rye", using)
            transaction.on_commit(lambda: airlock.enqueue(deliver, "late"), using)

    assert baked == breads(using) == ["rye"]


def test_a_callback_that_enqueues_after_an_inner_scope(
    using: str, baked: list[str]
) -> None:
    """It enqueues in the scope that is current when it runs."""
    with airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
            transaction.on_commit(lambda: airlock.enqueue(deliver, "late"), using)
            order("rye", using)
        assert baked == ["rye"]

    assert baked == ["rye", "deliver late"]


def test_a_callback_that_fails_before_the_effects(using: str, baked: list[str]) -> None:
    """Django calls none after it, but the rows are committed."""
    with airlock.scope(_cls=DjangoScope) as scope:
        with pytest.raises(LookupError), transaction.atomic(using):
            transaction.on_commit(boom, using)
            order("rye", using)
            with transaction.atomic(using):
                order("spelt", using)
            with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
                order("bad", using)
                raise ValueError("bad")

    assert baked == breads(using) == ["rye", "spelt"]
    assert [intent.args for intent in scope.rolled_back] == [("bad",)]


def test_a_callback_that_fails_before_effects_that_wait(
    using: str, baked: list[str]
) -> None:
    """The same, for a scope that has ended before the commit."""
    with pytest.raises(LookupError) as caught, transaction.atomic(using):
        transaction.on_commit(boom, using)
        with airlock.scope(_cls=DjangoScope):
            order("rye", using)

    assert baked == breads(using) == ["rye"]
    assert caught.value.args == ("boom",)


def test_a_flush_in_a_callback(using: str, baked: list[str]) -> None:
    """At that time the rows are committed."""
    scope = airlock.scope(_cls=DjangoScope).enter()

    def flush() -> None:
        scope.exit()
        scope.flush()

    with transaction.atomic(using):
        transaction.on_commit(flush, using)
        with transaction.atomic(using):
            order("rye", using)

    assert baked == breads(using) == ["rye"]


def test_a_failing_dispatch_is_raised_by_the_commit(using: str) -> None:
    """When all callbacks have run: they are no business of the broker's."""
    called: list[str] = []
    with pytest.raises(ConnectionError) as caught, transaction.atomic(using):
        transaction.on_commit(lambda: called.append("before"), using)
        with airlock.scope(_cls=DjangoScope) as scope:
            airlock.enqueue(deliver, "rye")
            airlock.enqueue(fail, "rye")
            order("spelt", using)
        transaction.on_commit(lambda: called.append("after"), using)

    assert breads(using) == ["spelt"]
    assert "effect 2 of 3" in caught.value.__notes__[0]
    assert called == ["before", "after"]
    assert [fate.outcome.value for fate in scope.report().fates] == [
        "dispatched",
        "failed",
        "not attempted",
    ]


def test_a_failing_dispatch_does_not_keep_others_from_leaving(
    using: str, baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Two flushes wait for one commit. Only one error can be raised by it."""

    def commit() -> None:
        with transaction.atomic(using):
            for bread in ("rye", "spelt"):
                with airlock.scope(_cls=DjangoScope):
                    airlock.enqueue(fail, bread)
            with airlock.scope(_cls=DjangoScope):
                airlock.enqueue(deliver, "oat")

    error = _error_of(commit)

    assert error == "rye"
    assert baked == ["deliver oat"]
    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert (record.levelno, record.getMessage()) == (
        logging.ERROR,
        "Dispatching effects failed. 1 did not leave: bakery.tasks:fail (1)",
    )
    assert record.exc_info
    assert str(record.exc_info[1]) == "spelt"


def _error_of(commit: Callable[[], None]) -> str:
    try:
        commit()
    except ConnectionError as error:
        return str(error)
    return "none"


def test_a_failing_dispatch_beside_a_callback_that_raises(
    using: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Both are told, and the callback's error is raised as ever."""
    with pytest.raises(LookupError, match="boom"), transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(fail, "rye")
        transaction.on_commit(boom, using)

    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert record.getMessage().endswith("1 did not leave: bakery.tasks:fail (1)")


def test_the_connection_is_left_as_it_was(using: str) -> None:
    """After a commit, after a rollback, and where somebody else has wrapped it."""
    own: dict[str, object] = vars(connections[using])
    before = dict(own)
    ran: list[str] = []
    method = "run_and_clear_commit_hooks"

    for is_bad in (False, True):
        with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")
            transaction.set_rollback(is_bad, using)
        assert method not in own
    wrap = own[method] = partial(ran.append, "wrapped")
    with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
        airlock.enqueue(deliver, "rye")
    assert own.pop(method) is wrap

    assert ran == ["wrapped"]
    assert own.keys() == before.keys()
    connections[using].run_and_clear_commit_hooks()


def test_a_flush_during_the_callbacks_of_a_commit(using: str, baked: list[str]) -> None:
    """A transaction in a callback has callbacks, and an end, of its own."""

    def work() -> None:
        with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
            airlock.enqueue(fail, "spelt")

    with pytest.raises(ConnectionError, match="spelt"), transaction.atomic(using):
        transaction.on_commit(work, using)
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")

    assert baked == ["deliver rye"]


def test_an_interrupt_while_effects_leave_is_not_held_back(using: str) -> None:
    """Ctrl-C is not a failed dispatch."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(interrupt)


def test_an_interrupt_does_not_keep_other_effects_from_leaving(
    using: str, baked: list[str]
) -> None:
    """As of a timeout that is no `Exception`: other flushes waited for the commit."""

    def interrupt() -> None:
        raise SystemExit

    with pytest.raises(SystemExit), transaction.atomic(using):
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(interrupt)
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")

    assert baked == ["deliver rye"]


def test_many_enqueues_make_one_callback(using: str, baked: list[str]) -> None:
    """One for each would make the commit slow."""
    with transaction.atomic(using):
        with airlock.scope(airlock.DropAll(), _cls=DjangoScope):
            for _ in range(25_000):
                airlock.enqueue(deliver, "rye")
            assert len(connections[using].run_on_commit) == 1
            with transaction.atomic(using):
                for _ in range(1_000):
                    airlock.enqueue(deliver, "rye")
            assert len(connections[using].run_on_commit) == 2

    assert baked == []


def test_savepoints_that_came_and_went_between_two_enqueues(
    using: str, baked: list[str]
) -> None:
    """The marker that they share is still right."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        with transaction.atomic(using):
            order("rye", using)
            for bread in ("bad", "spelt"):
                order_unless_bad(bread, using)
            order("oat", using)
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            order("worse", using)
            raise ValueError("bad")

    assert baked == breads(using) == ["rye", "spelt", "oat"]


def test_capturing_callbacks_in_a_transaction_sends_nothing(
    using: str, baked: list[str]
) -> None:
    """`captureOnCommitCallbacks(execute=True)` is no commit, outside `TestCase` too."""
    from django.test import TestCase

    with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
        with TestCase.captureOnCommitCallbacks(using=using, execute=True):
            with airlock.scope(_cls=DjangoScope):
                order("rye", using)
        assert baked == []
        raise ValueError("bad")

    assert baked == []
