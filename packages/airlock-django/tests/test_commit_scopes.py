"""Nested scopes of several kinds, and transactions."""

from __future__ import annotations

from contextlib import suppress

import pytest
from bakery.models import breads, order
from bakery.tasks import deliver
from django.db import transaction

import airlock
from airlock import CapturingScope, CoalescingScope, Scope
from airlock.integrations.django import DjangoScope


class Boundary(CapturingScope, DjangoScope):
    """Lets nothing leave before it ends, and nothing that was rolled back."""


class Coalescing(DjangoScope, CoalescingScope):
    """Sends equal effects once."""


class CoalescingFirst(CoalescingScope, DjangoScope):
    """Does so with its base classes in the other order."""


class CoalescingBoundary(CoalescingScope, CapturingScope):
    """Does so around other scopes."""


def test_a_captured_intent_keeps_the_transaction_of_its_enqueue(
    using: str, baked: list[str]
) -> None:
    """The outer scope decides when; the transaction still decides whether."""
    with airlock.scope(_cls=Boundary) as outer:
        with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
            order("rye", using)
        with pytest.raises(ValueError, match="bad"), transaction.atomic(using):
            with airlock.scope(_cls=DjangoScope):
                order("spelt", using)
            raise ValueError("bad")
        assert baked == []
        assert len(outer.intents) == 2

    assert baked == breads(using) == ["rye"]
    assert [intent.args for intent in outer.rolled_back] == [("spelt",)]


def test_what_was_rolled_back_before_is_not_captured(using: str) -> None:
    """It is dropped by the scope that it was enqueued in."""
    with airlock.scope(_cls=Boundary) as outer:
        with airlock.scope(_cls=DjangoScope) as inner, transaction.atomic(using):
            order("rye", using)
            transaction.set_rollback(True, using)

    assert outer.intents == []
    assert len(inner.rolled_back) == 1


def test_an_intent_from_autocommit_is_not_tied_by_being_captured(
    using: str, baked: list[str]
) -> None:
    """Only the line of its enqueue counts, not where its scope ended."""
    with airlock.scope(_cls=Boundary):
        inner = airlock.scope(_cls=DjangoScope).enter()
        order("rye", using)
        with transaction.atomic(using):
            inner.exit()
            inner.flush()
            transaction.set_rollback(True, using)

    assert baked == breads(using) == ["rye"]


def test_what_a_plain_scope_hands_over_belongs_to_the_transaction_of_then(
    using: str, baked: list[str]
) -> None:
    """A plain scope knows of no transaction: its end is the first line that does."""
    with airlock.scope(_cls=Boundary), transaction.atomic(using):
        with airlock.scope(_cls=Scope):
            airlock.enqueue(deliver, "rye")
        transaction.set_rollback(True, using)

    assert baked == []


def test_a_plain_boundary_drops_what_was_rolled_back_after_it_captured(
    using: str, baked: list[str]
) -> None:
    """The scope that it came from has the last word."""
    with airlock.scope(_cls=CapturingScope):
        with transaction.atomic(using):
            with airlock.scope(_cls=DjangoScope) as inner:
                order("rye", using)
            transaction.set_rollback(True, using)
        with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
            order("spelt", using)
        assert baked == []

    assert baked == breads(using) == ["spelt"]
    assert inner.rolled_back == inner.intents


@pytest.mark.parametrize("is_bad", [True, False])
def test_what_leaves_a_plain_boundary_in_an_open_transaction_waits(
    using: str, baked: list[str], *, is_bad: bool
) -> None:
    """In the scope that it came from; the boundary's own leaves, as from any."""
    with transaction.atomic(using):
        with airlock.scope(_cls=CapturingScope):
            with airlock.scope(_cls=DjangoScope) as inner:
                order("rye", using)
            airlock.enqueue(deliver, "at once")
        assert baked == ["deliver at once"]
        assert [fate.outcome.value for fate in inner.report().fates] == ["waiting"]
        transaction.set_rollback(is_bad, using)

    assert baked[1:] == breads(using) == ([] if is_bad else ["rye"])


def test_a_boundary_around_a_plain_one_knows_the_transactions_too(
    using: str, baked: list[str]
) -> None:
    """However many have captured it in between."""
    with airlock.scope(_cls=Boundary):
        for is_bad in (True, False):
            with transaction.atomic(using):
                with (
                    airlock.scope(_cls=CapturingScope),
                    airlock.scope(_cls=DjangoScope),
                ):
                    airlock.enqueue(deliver, f"bad: {is_bad}")
                transaction.set_rollback(is_bad, using)
        assert baked == []

    assert baked == ["deliver bad: False"]


def test_a_plain_scope_does_not_wait(using: str, baked: list[str]) -> None:
    """The specification has it so: no transaction semantics without `DjangoScope`."""
    with transaction.atomic(using):
        with airlock.scope(_cls=Scope):
            airlock.enqueue(deliver, "rye")
        assert baked == ["deliver rye"]


@pytest.mark.parametrize("kind", [Coalescing, CoalescingFirst])
def test_equal_effects_are_found_among_what_was_committed(
    using: str, baked: list[str], kind: type[Scope]
) -> None:
    """Otherwise the one that is kept may be the one that is dropped."""
    with airlock.scope(_cls=kind):
        for is_bad in (True, False, False):
            with transaction.atomic(using):
                airlock.enqueue(deliver, "rye")
                transaction.set_rollback(is_bad, using)

    assert baked == ["deliver rye"]


def test_an_inner_scope_that_discards_in_a_transaction(
    using: str, baked: list[str]
) -> None:
    """Committing is not enough: the scope must decide to flush."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
        order("rye", using)
        with (
            pytest.raises(ValueError, match="bad"),
            airlock.scope(_cls=DjangoScope),
        ):
            order("spelt", using)
            raise ValueError("bad")

    assert breads(using) == ["rye", "spelt"]
    assert baked == ["rye"]


def test_an_enqueue_that_the_scope_refuses_leaves_no_trace(using: str) -> None:
    """A scope that has ended keeps nothing of it."""
    scope = airlock.scope(_cls=DjangoScope).enter()
    scope.exit()

    with transaction.atomic(using), pytest.raises(airlock.ScopeClosedError):
        scope._add(airlock.Intent(deliver, ("rye",)))
    scope.discard()

    assert scope.intents == []


def test_an_enqueue_that_an_override_refuses_leaves_no_trace(
    using: str, baked: list[str]
) -> None:
    """Python gives the identity of what is gone to what comes next."""

    class Journal(DjangoScope):
        def _add(self, intent: airlock.Intent) -> None:
            super()._add(intent)
            if intent.args == ("bad",):
                raise LookupError("the journal is away")

    with airlock.scope(_cls=Journal) as scope:
        with suppress(LookupError), transaction.atomic(using):
            airlock.enqueue(deliver, "bad")
        for _ in range(100):
            airlock.enqueue(deliver, "rye")

    assert baked == ["deliver rye"] * 100
    assert scope.rolled_back == []


def test_tasks_that_run_in_place_have_transactions_of_their_own(
    using: str, baked: list[str]
) -> None:
    """An effect may do as the code that asked for it did."""

    def restock() -> None:
        with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
            order("oat", using)

    with transaction.atomic(using), airlock.scope(_cls=DjangoScope):
        order("rye", using)
        airlock.enqueue(restock)
        order("spelt", using)

    assert baked == ["rye", "oat", "spelt"]


def test_a_retry_is_not_coalesced_with_the_attempt_that_was_rolled_back(
    using: str, baked: list[str]
) -> None:
    """Nor where a scope around captured both before the first was rolled back."""
    with airlock.scope(_cls=CoalescingBoundary):
        for is_bad in (True, False, False):
            with transaction.atomic(using):
                with airlock.scope(_cls=DjangoScope):
                    airlock.enqueue(deliver, "rye")
                transaction.set_rollback(is_bad, using)

    assert baked == ["deliver rye"]
