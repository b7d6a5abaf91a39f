"""Scopes for commands that open none, by the line in ``manage.py``."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from bakery.executors import custom_executor, handed
from bakery.management.commands.stocktake import Command
from bakery.tasks import bake, deliver
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

import airlock
from airlock.integrations.django import install_command_scopes

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_for_all"),
]


@pytest.fixture
def _for_all(_fresh_hook: None) -> None:
    install_command_scopes()


def test_every_command_gets_a_scope(baked: list[str]) -> None:
    """With the line in `manage.py`."""
    call_command("stocktake")

    assert baked == ["rye"]


def test_the_line_reads_the_setting_too(baked: list[str], settings: Settings) -> None:
    """Also where the application is not installed."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": "drop_all"}}

    call_command("stocktake")

    assert baked == []


def test_the_line_changes_no_decorated_command(baked: list[str]) -> None:
    """Its own scope is all it has; twice the line is once."""
    install_command_scopes()

    call_command("order", "--nested")

    assert baked == ["rye", "rye"]


def test_a_failing_command_drops_its_effects(baked: list[str]) -> None:
    """As with the decorator."""
    with pytest.raises(RuntimeError, match="oven on fire"):
        call_command("stocktake", "--crash")

    assert baked == []


@pytest.mark.parametrize(("status", "expected"), [(0, ["rye"]), (1, [])])
def test_the_exit_status_decides(
    status: int, expected: list[str], baked: list[str]
) -> None:
    """As with the decorator."""
    with pytest.raises(SystemExit):
        call_command("stocktake", f"--exit={status}")

    assert baked == expected


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_dry_run_of_a_command_without_effects_tells_nothing() -> None:
    """Django's own have the option too, and mean something else by it."""
    out = StringIO()

    call_command("makemigrations", "--dry-run", "--check", verbosity=0, stdout=out)

    assert out.getvalue() == ""


def test_a_dry_run_tells_what_would_have_left(baked: list[str]) -> None:
    """As with the decorator."""
    out = StringIO()

    call_command("stocktake", "--dry-run", stdout=out)

    assert baked == []
    assert "Dry run: 1 effect would have left" in out.getvalue()


def test_a_command_inside_a_scope_takes_part_in_it(baked: list[str]) -> None:
    """As in a server, whose process has no `manage.py` to say otherwise."""
    with airlock.scope(airlock.DropAll()) as scope:
        call_command("stocktake")

    assert [intent.task for intent in scope.intents] == [bake]
    assert baked == []


def test_a_command_inside_a_command_ends_with_it(baked: list[str]) -> None:
    """If the one around fails, nothing of either leaves."""
    with pytest.raises(RuntimeError, match="oven on fire"):
        call_command("stocktake", "--call=stocktake", "--crash")

    assert baked == []


@pytest.mark.parametrize("named", [{}, {"shell": "drop_all"}])
def test_a_command_that_waits_for_somebody_gets_no_scope(
    named: dict[str, str], settings: Settings
) -> None:
    """Its effects would be kept until it is stopped."""
    settings.AIRLOCK = {"COMMANDS": named}
    code = "import airlock; airlock.enqueue(print)"

    with pytest.raises(airlock.NoScopeError):
        call_command("shell", command=code, verbosity=0)


def test_a_command_of_ones_own_can_be_left_out(settings: Settings) -> None:
    """A worker that airlock does not know."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": None}}

    with pytest.raises(airlock.NoScopeError):
        call_command("stocktake")


def test_the_system_checks_run_where_the_setting_is_wrong(settings: Settings) -> None:
    """They tell what is wrong with it, with a hint."""
    settings.AIRLOCK = ["COMMANDS"]

    call_command("check", "--tag=urls", stdout=StringIO())

    with pytest.raises(ImproperlyConfigured):
        call_command("stocktake")


def test_a_command_object_runs_twice(baked: list[str]) -> None:
    """Its `handle` is its own again afterwards, also one that was set on it."""
    command: Any = Command()
    handle = command.handle

    call_command(command)
    call_command(command)
    assert baked == ["rye", "rye"]
    assert command.handle == handle

    command.handle = own = lambda **_: airlock.enqueue(deliver, "oat")
    call_command(command)
    assert baked == ["rye", "rye", "deliver oat"]
    assert command.handle is own


def test_the_scope_is_that_of_the_settings(settings: Settings) -> None:
    """With its executor."""
    handed.clear()
    settings.AIRLOCK = {"TASK_BACKEND": custom_executor}

    call_command("stocktake")

    assert handed == ["bakery.tasks:bake"]
