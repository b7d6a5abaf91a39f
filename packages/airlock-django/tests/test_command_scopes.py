"""Scopes for commands that open none: the setting, and the line in ``manage.py``."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from bakery.executors import custom_executor, handed
from bakery.management.commands.stocktake import Command
from bakery.models import Order, breads
from bakery.tasks import bake, deliver
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db.models.signals import post_migrate, post_save

import airlock
from airlock.integrations.django import install_command_scopes
from airlock.integrations.django.hook import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import Settings

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_fresh_hook"),
]


@pytest.fixture
def _connected(_fresh_hook: None) -> None:
    """As with the application installed."""
    connect()


@pytest.fixture
def _for_all(_fresh_hook: None) -> None:
    """As with the line in `manage.py`."""
    install_command_scopes()


@pytest.fixture
def _receivers() -> Iterator[None]:
    def on_save(sender: type[Order], instance: Order, **signal: object) -> None:
        del sender, signal
        airlock.enqueue(deliver, instance.bread)

    def on_migrate(sender: object, **signal: object) -> None:
        del signal
        airlock.enqueue(deliver, str(sender))

    post_save.connect(on_save, sender=Order)
    post_migrate.connect(on_migrate)
    yield
    post_save.disconnect(on_save, sender=Order)
    post_migrate.disconnect(on_migrate)


def written_fixture(folder: Path) -> str:
    """Write an order to be loaded."""
    path = folder / "orders.json"
    order = {"model": "bakery.order", "pk": 7, "fields": {"bread": "rye"}}
    path.write_text(json.dumps([order]))
    return str(path)


@pytest.mark.usefixtures("_connected", "_receivers")
def test_fixtures_fire_nothing(
    tmp_path: Path, baked: list[str], settings: Settings
) -> None:
    """The rows are loaded; what their signals enqueue is dropped, and no error."""
    settings.AIRLOCK = {"COMMANDS": {"loaddata": "drop_all"}}

    call_command("loaddata", written_fixture(tmp_path), verbosity=0)

    assert breads("default") == ["rye"]
    assert baked == []


@pytest.mark.usefixtures("_connected", "_receivers")
def test_migrations_fire_nothing(baked: list[str], settings: Settings) -> None:
    """Test runners migrate as well, without any `manage.py`."""
    settings.AIRLOCK = {"COMMANDS": {"migrate": "drop_all"}}

    call_command("migrate", verbosity=0)

    assert baked == []


@pytest.mark.usefixtures("_connected", "_receivers")
def test_a_command_that_is_not_named_has_no_scope(
    tmp_path: Path, settings: Settings
) -> None:
    """The setting alone changes no other command."""
    settings.AIRLOCK = {"COMMANDS": {"migrate": "drop_all"}}

    with pytest.raises(airlock.NoScopeError):
        call_command("loaddata", written_fixture(tmp_path), verbosity=0)


@pytest.mark.usefixtures("_connected")
def test_the_policy_holds_in_what_the_command_calls(
    baked: list[str], settings: Settings
) -> None:
    """Scopes and decorated commands inside it have boundaries of their own."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": "drop_all"}}

    call_command("stocktake", "--call=order", "--own-scope")

    assert baked == []


@pytest.mark.usefixtures("_connected")
@pytest.mark.parametrize(
    "policy",
    ["drop_all", "airlock.DropAll", "airlock:DropAll", airlock.DropAll],
)
def test_the_policy_is_chosen_in_every_way(
    policy: object, baked: list[str], settings: Settings
) -> None:
    """As `DEFAULT_POLICY` is."""
    settings.AIRLOCK = {"COMMANDS": {"order": policy}}

    call_command("order")

    assert baked == []


@pytest.mark.usefixtures("_connected")
def test_other_policies_let_effects_leave(baked: list[str], settings: Settings) -> None:
    """The scope is the command's own: the default policy does not judge there."""
    settings.AIRLOCK = {
        "COMMANDS": {"stocktake": airlock.BlockTasks({deliver})},
        "DEFAULT_POLICY": "assert_no_effects",
    }

    call_command("stocktake")

    assert baked == ["rye"]


@pytest.mark.usefixtures("_connected")
def test_a_named_command_ends_apart_from_the_scope_around_it(
    baked: list[str], settings: Settings
) -> None:
    """What it dropped is no business of the request that called it."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": "drop_all"}}

    with airlock.scope() as scope:
        airlock.enqueue(deliver, "oat")
        call_command("stocktake")

    assert len(scope.intents) == 1
    assert baked == ["deliver oat"]


@pytest.mark.usefixtures("_connected")
def test_a_policy_that_cannot_be_had_is_told(settings: Settings) -> None:
    """Before the command has done anything."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": "dropall"}}

    with pytest.raises(
        ImproperlyConfigured, match=r"AIRLOCK\['COMMANDS'\]\['stocktake'\] is 'dropall'"
    ):
        call_command("stocktake")

    assert breads("default") == []


@pytest.mark.usefixtures("_connected")
@pytest.mark.parametrize("named", [["loaddata"], "loaddata", {1: "drop_all"}, None])
def test_what_is_no_dict_of_names_is_told(named: object, settings: Settings) -> None:
    """A list would silence nothing."""
    settings.AIRLOCK = {"COMMANDS": named}

    with pytest.raises(ImproperlyConfigured, match="a dict such as"):
        call_command("stocktake")


def test_without_the_application_nobody_reads_the_setting(settings: Settings) -> None:
    """Nor is Django changed."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": "drop_all"}}

    with pytest.raises(airlock.NoScopeError):
        call_command("stocktake")


@pytest.mark.usefixtures("_for_all")
def test_every_command_gets_a_scope(baked: list[str]) -> None:
    """With the line in `manage.py`."""
    call_command("stocktake")

    assert baked == ["rye"]


@pytest.mark.usefixtures("_for_all")
def test_the_line_reads_the_setting_too(baked: list[str], settings: Settings) -> None:
    """Also where the application is not installed."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": "drop_all"}}

    call_command("stocktake")

    assert baked == []


@pytest.mark.usefixtures("_for_all")
def test_the_line_changes_no_decorated_command(baked: list[str]) -> None:
    """Its own scope is all it has; twice the line is once."""
    install_command_scopes()

    call_command("order", "--nested")

    assert baked == ["rye", "rye"]


@pytest.mark.usefixtures("_for_all")
def test_a_failing_command_drops_its_effects(baked: list[str]) -> None:
    """As with the decorator."""
    with pytest.raises(RuntimeError, match="oven on fire"):
        call_command("stocktake", "--crash")

    assert baked == []


@pytest.mark.usefixtures("_for_all")
@pytest.mark.parametrize(("status", "expected"), [(0, ["rye"]), (1, [])])
def test_the_exit_status_decides(
    status: int, expected: list[str], baked: list[str]
) -> None:
    """As with the decorator."""
    with pytest.raises(SystemExit):
        call_command("stocktake", f"--exit={status}")

    assert baked == expected


@pytest.mark.usefixtures("_for_all")
def test_a_dry_run_tells_what_would_have_left(baked: list[str]) -> None:
    """As with the decorator."""
    out = StringIO()

    call_command("stocktake", "--dry-run", stdout=out)

    assert baked == []
    assert "Dry run: 1 effect would have left" in out.getvalue()


@pytest.mark.usefixtures("_for_all")
def test_a_command_inside_a_scope_takes_part_in_it(baked: list[str]) -> None:
    """As in a server, whose process has no `manage.py` to say otherwise."""
    with airlock.scope(airlock.DropAll()) as scope:
        call_command("stocktake")

    assert [intent.task for intent in scope.intents] == [bake]
    assert baked == []


@pytest.mark.usefixtures("_for_all")
def test_a_command_inside_a_command_ends_with_it(baked: list[str]) -> None:
    """If the one around fails, nothing of either leaves."""
    with pytest.raises(RuntimeError, match="oven on fire"):
        call_command("stocktake", "--call=stocktake", "--crash")

    assert baked == []


@pytest.mark.usefixtures("_for_all")
@pytest.mark.parametrize("named", [{}, {"shell": "drop_all"}])
def test_a_command_that_waits_for_somebody_gets_no_scope(
    named: dict[str, str], settings: Settings
) -> None:
    """Its effects would be kept until it is stopped."""
    settings.AIRLOCK = {"COMMANDS": named}
    code = "import airlock; airlock.enqueue(print)"

    with pytest.raises(airlock.NoScopeError):
        call_command("shell", command=code, verbosity=0)


@pytest.mark.usefixtures("_for_all")
def test_a_command_of_ones_own_can_be_left_out(settings: Settings) -> None:
    """A worker that airlock does not know."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": None}}

    with pytest.raises(airlock.NoScopeError):
        call_command("stocktake")


@pytest.mark.usefixtures("_for_all")
def test_the_system_checks_run_where_the_setting_is_wrong(settings: Settings) -> None:
    """They tell what is wrong with it, with a hint."""
    settings.AIRLOCK = ["COMMANDS"]

    call_command("check", "--tag=models", stdout=StringIO())

    with pytest.raises(ImproperlyConfigured):
        call_command("stocktake")


@pytest.mark.usefixtures("_for_all")
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


@pytest.mark.usefixtures("_for_all")
def test_the_scope_is_that_of_the_settings(settings: Settings) -> None:
    """With its executor."""
    handed.clear()
    settings.AIRLOCK = {"TASK_BACKEND": custom_executor}

    call_command("stocktake")

    assert handed == ["bakery.tasks:bake"]
