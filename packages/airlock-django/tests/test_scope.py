"""`DjangoScope`: effects wait for the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync
from bakery.models import Order
from bakery.tasks import bake, bake_slowly, deliver, fail
from django.db import transaction

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "archive"])


def test_dispatch_waits_for_the_commit(baked: list[str]) -> None:
    """A worker must find the row that it was told about."""
    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            Order.objects.create(bread="rye")
        assert baked == []

    assert baked == ["rye"]


def test_a_rollback_drops_what_waited(baked: list[str]) -> None:
    """The order never existed."""
    with pytest.raises(RuntimeError), transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            Order.objects.create(bread="rye")
        raise RuntimeError

    assert baked == []
    assert Order.objects.count() == 0


def test_without_a_transaction_dispatch_is_immediate(baked: list[str]) -> None:
    """Autocommit has committed every row by the end of the scope."""
    with airlock.scope(_cls=DjangoScope):
        Order.objects.create(bread="rye")
        assert baked == []

    assert baked == ["rye"]


def test_a_transaction_inside_the_scope_has_committed_at_its_end(
    baked: list[str],
) -> None:
    """The usual order of nesting in a request."""
    with airlock.scope(_cls=DjangoScope), transaction.atomic():
        Order.objects.create(bread="rye")

    assert baked == ["rye"]


def test_effects_leave_in_the_order_they_were_enqueued(baked: list[str]) -> None:
    """Waiting for the commit does not reorder."""
    with transaction.atomic(), airlock.scope(_cls=DjangoScope):
        airlock.enqueue(deliver, "b")
        airlock.enqueue(deliver, "a")
        airlock.enqueue(deliver, "c")

    assert baked == ["deliver b", "deliver a", "deliver c"]


def test_a_discarded_scope_leaves_nothing_to_the_commit(baked: list[str]) -> None:
    """The failure was caught, the transaction goes on, the effects do not."""
    with transaction.atomic():
        with pytest.raises(RuntimeError), airlock.scope(_cls=DjangoScope):
            Order.objects.create(bread="rye")
            raise RuntimeError
        Order.objects.bulk_create([Order(bread="spelt")])

    assert baked == []


def test_policies_judge_at_the_end_of_the_scope(baked: list[str]) -> None:
    """What they dropped does not come back at the commit."""
    with transaction.atomic(), airlock.scope(airlock.DropAll(), _cls=DjangoScope):
        Order.objects.create(bread="rye")

    assert baked == []


def test_waiting_can_be_turned_off(baked: list[str], settings: Settings) -> None:
    """`USE_ON_COMMIT: False`, for projects with other boundaries."""
    settings.AIRLOCK = {"USE_ON_COMMIT": False}

    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            Order.objects.create(bread="rye")
        assert baked == ["rye*"]


def test_the_database_can_be_chosen(baked: list[str], settings: Settings) -> None:
    """Only the transaction of that database counts."""
    settings.AIRLOCK = {"DATABASE_ALIAS": "archive"}

    with transaction.atomic(using="archive"):
        with transaction.atomic(), airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")
        assert baked == []

    assert baked == ["deliver rye"]


def test_an_explicit_executor_wins_over_the_setting(settings: Settings) -> None:
    """As the specification says of `TASK_BACKEND`."""
    settings.AIRLOCK = {"TASK_BACKEND": "bakery.tasks.fail"}
    carried: list[str] = []

    with airlock.scope(
        _cls=DjangoScope, executor=lambda intent: carried.append(intent.name)
    ):
        airlock.enqueue(bake, "rye")

    assert carried == ["bakery.tasks:bake"]


def test_a_failed_dispatch_surfaces_at_the_commit(baked: list[str]) -> None:
    """Visible failure over silent partial success; the rows are committed."""
    with pytest.raises(ConnectionError) as caught, transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")
            airlock.enqueue(fail, "rye")
            airlock.enqueue(deliver, "spelt")
        Order.objects.bulk_create([Order(bread="rye")])

    assert baked == ["deliver rye"]
    assert "effect 2 of 3" in caught.value.__notes__[0]
    assert Order.objects.count() == 1


def test_a_coroutine_task_is_refused_at_the_commit_too(baked: list[str]) -> None:
    """Deferring must not turn a clear error into a lost effect."""
    with (
        pytest.raises(airlock.AsyncDispatchError),
        transaction.atomic(),
        airlock.scope(_cls=DjangoScope),
    ):
        airlock.enqueue(bake_slowly, "rye")

    assert baked == []


def test_the_account_tells_what_waits_for_the_commit(baked: list[str]) -> None:
    """Until then it has not left, and with a rollback it never will."""
    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope) as s:
            airlock.enqueue(deliver, "rye")
        [waiting] = s.report().fates
        assert (waiting.outcome.value, waiting.reason) == (
            "waiting",
            "for the transaction to commit",
        )

    assert [fate.outcome.value for fate in s.report().fates] == ["dispatched"]
    assert baked == ["deliver rye"]


def test_nothing_enqueued_registers_nothing() -> None:
    """Most requests enqueue nothing; their commits stay as they were."""
    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            pass
        hooks = transaction.get_connection().run_on_commit

        assert hooks == []


def test_the_scope_is_found_by_name() -> None:
    """Its entry point is `django`."""
    assert airlock.resolve_scope("django") is DjangoScope


def test_a_subclass_cannot_await_its_dispatch() -> None:
    """Nobody would call that, and its effects would leave in another way."""
    told = "class .*Batch got .*_adispatch_all.* Pass .*_dispatch_all"
    with pytest.raises(airlock.ArgumentError, match=told):

        class Batch(DjangoScope):
            async def _adispatch_all(self, intents: list[airlock.Intent]) -> None:
                """Not be called."""


def test_a_subclass_may_dispatch_in_its_own_way(baked: list[str]) -> None:
    """In async code as well, where what an executor returns is awaited."""

    class Batch(DjangoScope):
        def _dispatch_all(self, intents: list[airlock.Intent]) -> None:
            baked.append(f"batch of {len(intents)}")
            super()._dispatch_all(intents)

    async def main() -> None:
        async with airlock.scope(_cls=Batch):
            airlock.enqueue(bake_slowly, "rye")

    async_to_sync(main)()

    assert baked == ["batch of 1", "rye"]
