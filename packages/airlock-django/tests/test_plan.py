"""What a dry run tells."""

from __future__ import annotations

from contextlib import suppress
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from bakery.models import breads, order, order_unless_bad
from bakery.tasks import bake, deliver
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

import airlock
from airlock.integrations.django import DjangoScope, airlock_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = "Dry run: no effects would have left.\n"


def plan_of(work: Callable[[], object]) -> str:
    """Return what a command prints that does this work in a dry run."""

    class Command(BaseCommand):
        @airlock_command
        def handle(self, *args: object, **options: object) -> None:
            del args, options
            work()

    out = StringIO()
    Command(stdout=out).handle(dry_run=True)
    return out.getvalue()


def test_it_tells_tasks_counts_and_samples(baked: list[str]) -> None:
    """Enough to see whether the run would do what was meant."""

    def work() -> None:
        for bread in ("rye", "spelt", "oat", "corn"):
            airlock.enqueue(bake, bread)
        airlock.enqueue(deliver, bread="rye")

    assert plan_of(work) == (
        "Dry run: 5 effects would have left:\n"
        "  4 x bakery.tasks:bake('rye'), ('spelt'), ('oat'), ...\n"
        "  1 x bakery.tasks:deliver(bread='rye')\n"
    )
    assert baked == []


def test_long_arguments_are_cut() -> None:
    """A line is for reading."""
    [_, line] = plan_of(lambda: airlock.enqueue(deliver, "rye" * 50)).splitlines()

    assert line.endswith("ryerye...)")
    assert len(line) < 90


def test_a_run_without_effects_says_so() -> None:
    """Otherwise it might be no dry run."""
    assert plan_of(lambda: None) == NOTHING


def test_it_goes_where_the_command_prints() -> None:
    """Also through `call_command`, which may redirect it."""
    out = StringIO()

    call_command("order", "--dry-run", stdout=out)

    assert out.getvalue() == (
        "Dry run: 1 effect would have left:\n  1 x bakery.tasks:bake('rye')\nordered\n"
    )


def test_without_a_command_it_goes_to_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Some libraries make commands out of functions."""

    @airlock_command
    def handle(*, dry_run: bool) -> None:
        airlock.enqueue(deliver, str(dry_run))

    handle(dry_run=True)

    assert "1 x bakery.tasks:deliver('True')" in capsys.readouterr().out


def test_only_a_dry_run_is_told() -> None:
    """The effects of a real one have left."""
    out = StringIO()

    call_command("order", stdout=out)

    assert out.getvalue() == "ordered\n"


def test_what_the_command_calls_is_told_with_it() -> None:
    """Once, by the outermost command, whatever options the inner ones get."""
    out = StringIO()

    def work() -> None:
        call_command("order", "--nested", "--own-scope", stdout=out)
        call_command("order", "--dry-run", stdout=out)

    text = plan_of(work)

    assert "4 x bakery.tasks:bake('rye'), ('rye'), ('spelt'), ..." in text
    assert "Dry run" not in out.getvalue()


def test_after_a_dry_run_effects_leave_again(baked: list[str]) -> None:
    """Also in the same process."""
    call_command("order", "--dry-run", stdout=StringIO())

    call_command("order", stdout=StringIO())

    assert baked == ["rye"]


def test_what_a_policy_drops_is_not_told(settings: Settings) -> None:
    """Whether it stands around the enqueue, the command, or is the scope's own."""
    settings.AIRLOCK = {"DEFAULT_POLICY": airlock.BlockTasks({bake})}

    def work() -> None:
        airlock.enqueue(bake, "blocked by the scope of the command")
        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(deliver, "blocked by a region inside")
        with airlock.scope(airlock.DropAll()):
            airlock.enqueue(deliver, "blocked by a scope inside")
        airlock.enqueue(print, "blocked by a region around the command")

    with airlock.policy(airlock.BlockTasks({print})):
        assert plan_of(work) == NOTHING


def test_what_a_scope_discards_is_not_told() -> None:
    """Though somebody asked whether it would pass."""

    def work() -> None:
        with suppress(ValueError), airlock.scope() as scope:
            airlock.enqueue(deliver, "rye")
            assert not scope.intents[0].passes_local_policies()
            raise ValueError

    assert plan_of(work) == NOTHING


def test_a_command_that_fails_would_have_sent_nothing() -> None:
    """Except through scopes that had ended; the failure is raised."""
    out = StringIO()

    with pytest.raises(RuntimeError, match="oven on fire"):
        call_command("order", "--dry-run", "--own-scope", "--crash", stdout=out)

    assert out.getvalue() == (
        "Dry run: 1 effect would have left:\n  1 x bakery.tasks:bake('spelt')\n"
    )


def test_a_dry_run_may_undo_its_work() -> None:
    """Many do: what would have left is told all the same, and why it would not."""

    def work() -> None:
        with transaction.atomic():
            order("rye", "default")
            transaction.set_rollback(True)

    assert plan_of(work) == (
        "Dry run: no effects would have left.\n"
        "Would have left, had their transaction not been rolled back:\n"
        "  1 x bakery.tasks:bake('rye')\n"
    )
    assert breads("default") == []


def test_what_a_transaction_undid_is_told_apart() -> None:
    """Each row in one of its own: the bad ones would not have left in earnest."""

    def work() -> None:
        for bread in ("rye", "bad", "spelt"):
            order_unless_bad(bread, "default")

    assert plan_of(work) == (
        "Dry run: 2 effects would have left:\n"
        "  2 x bakery.tasks:bake('rye'), ('spelt')\n"
        "Would have left, had their transaction not been rolled back:\n"
        "  1 x bakery.tasks:bake('bad')\n"
    )


def test_what_a_savepoint_undid_is_told_apart() -> None:
    """The bad rows of a loop would not have left in earnest either."""

    def work() -> None:
        with transaction.atomic():
            for bread in ("rye", "bad", "spelt"):
                order_unless_bad(bread, "default")
            transaction.set_rollback(True)

    assert plan_of(work) == (
        "Dry run: no effects would have left.\n"
        "Would have left, had their transaction not been rolled back:\n"
        "  2 x bakery.tasks:bake('rye'), ('spelt')\n"
        "Left out, with a savepoint that was rolled back:\n"
        "  1 x bakery.tasks:bake('bad')\n"
    )


@pytest.mark.parametrize("is_crash", [False, True])
def test_in_a_test_case_they_are_told_apart_too(
    wrapped: str, *, is_crash: bool
) -> None:
    """The test's own transaction, which makes savepoints of these, is not seen."""

    def work() -> None:
        with suppress(LookupError), transaction.atomic(wrapped):
            for bread in ("rye", "bad", "spelt"):
                order_unless_bad(bread, wrapped)
            if is_crash:
                raise LookupError
            transaction.set_rollback(True, wrapped)

    assert plan_of(work) == (
        "Dry run: no effects would have left.\n"
        "Would have left, had their transaction not been rolled back:\n"
        "  2 x bakery.tasks:bake('rye'), ('spelt')\n"
        "Left out, with a savepoint that was rolled back:\n"
        "  1 x bakery.tasks:bake('bad')\n"
    )


def test_a_scope_that_knows_no_transactions_is_told_too() -> None:
    """Nothing that was rolled back keeps its effects."""

    def work() -> None:
        with airlock.scope(_cls=airlock.Scope), transaction.atomic():
            order_unless_bad("bad", "default")

    assert "1 x bakery.tasks:bake('bad')" in plan_of(work)


def test_an_open_transaction_around_the_command_is_no_obstacle() -> None:
    """What waits for its commit would have left with it."""
    with transaction.atomic():
        text = plan_of(lambda: order("rye", "default"))

    assert "1 x bakery.tasks:bake('rye')" in text


def test_an_intent_that_a_scope_refused_is_not_told() -> None:
    """It was never enqueued."""

    def work() -> None:
        with airlock.scope(airlock.AssertNoEffects(), _cls=DjangoScope):
            with pytest.raises(airlock.PolicyViolation):
                airlock.enqueue(deliver, "rye")

    assert plan_of(work) == NOTHING
