"""`airlock_command`, through `call_command` and as Django runs it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from bakery.tasks import deliver
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

import airlock
from airlock import ArgumentError
from airlock.integrations.django import airlock_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.django_db(transaction=True)


def test_effects_leave_when_the_command_ends(
    baked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What `handle` returns is printed, as without the decorator."""
    call_command("order")

    assert baked == ["rye"]
    assert capsys.readouterr().out == "ordered\n"


def test_a_dry_run_drops_every_effect(baked: list[str]) -> None:
    """The rows are written all the same: only effects are held back."""
    call_command("order", "--dry-run")

    assert baked == []


def test_a_dry_run_silences_what_the_command_calls(baked: list[str]) -> None:
    """Commands and scopes inside it have boundaries of their own."""
    call_command("order", "--dry-run", "--nested", "--own-scope")

    assert baked == []


def test_commands_inside_a_command_flush_on_their_own(baked: list[str]) -> None:
    """Scopes nest; the inner ones end first."""
    call_command("order", "--nested", "--own-scope")

    assert baked == ["rye", "spelt", "rye"]


def test_a_command_that_raises_drops_its_effects(baked: list[str]) -> None:
    """The operator sees the traceback and runs it again."""
    with pytest.raises(RuntimeError, match="oven on fire"):
        call_command("order", "--crash")

    assert baked == []


@pytest.mark.parametrize(("status", "expected"), [(0, ["rye"]), (1, []), (2, [])])
def test_the_exit_status_decides(
    status: int, expected: list[str], baked: list[str]
) -> None:
    """`sys.exit(0)` is success, and still ends the process."""
    with pytest.raises(SystemExit) as stop:
        call_command("order", f"--exit={status}")

    assert stop.value.code == status
    assert baked == expected


def test_a_command_waits_for_the_transaction_around_it(baked: list[str]) -> None:
    """As every effect of a Django project does."""
    with transaction.atomic():
        call_command("order")
        assert baked == []

    assert baked == ["rye"]


def test_a_command_without_the_option_is_no_dry_run(baked: list[str]) -> None:
    """`--dry-run` is the command's own to declare."""

    @airlock_command
    def handle(**options: object) -> object:
        """Handle it."""
        airlock.enqueue(deliver, "rye")
        return options

    assert handle(verbosity=1) == {"verbosity": 1}
    assert handle.__doc__ == "Handle it."
    assert baked == ["deliver rye"]


@pytest.mark.parametrize("status", [None, 0])
def test_every_way_to_exit_well_is_success(
    status: int | None, baked: list[str]
) -> None:
    """`sys.exit()` says nothing, and means 0."""

    @airlock_command
    def handle() -> None:
        airlock.enqueue(deliver, "rye")
        sys.exit(status)

    with pytest.raises(SystemExit):
        handle()

    assert baked == ["deliver rye"]


def test_a_command_follows_what_the_process_configured(baked: list[str]) -> None:
    """A test suite that configures a policy means the real boundaries too."""
    with airlock.configure(policy=airlock.DropAll()):
        call_command("order")

    assert baked == []


def test_a_coroutine_handler_is_refused() -> None:
    """Django never awaits it: the command would silently do nothing."""
    with pytest.raises(ArgumentError, match="async_to_sync"):

        @airlock_command
        async def handle() -> None: ...


def test_a_generator_is_refused() -> None:
    """Its body would not run, whether it awaits or not."""
    with pytest.raises(ArgumentError, match="does not iterate"):

        @airlock_command
        def handle() -> Iterator[None]:
            yield

    with pytest.raises(ArgumentError, match="does not await"):

        @airlock_command
        async def handle_later() -> AsyncIterator[None]:
            yield


@pytest.mark.parametrize("wrong", [BaseCommand, BaseCommand(), "order", None])
def test_what_is_no_handle_method_is_refused(wrong: Any) -> None:
    """Decorating the class would make `Command` a function that Django cannot use."""
    with pytest.raises(ArgumentError, match="the `handle` method of a command"):
        airlock_command(wrong)
