"""Commands that ``AIRLOCK["COMMANDS"]`` gives a policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from bakery.models import Order, breads
from bakery.tasks import deliver
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db.models.signals import post_migrate, post_save

import airlock
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
def _enqueueing_receivers() -> Iterator[None]:
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


@pytest.mark.usefixtures("_connected", "_enqueueing_receivers")
def test_fixtures_fire_nothing(
    tmp_path: Path, baked: list[str], settings: Settings
) -> None:
    """The rows are loaded; what their signals enqueue is dropped, and no error."""
    settings.AIRLOCK = {"COMMANDS": {"loaddata": "drop_all"}}

    call_command("loaddata", written_fixture(tmp_path), verbosity=0)

    assert breads("default") == ["rye"]
    assert baked == []


@pytest.mark.usefixtures("_connected", "_enqueueing_receivers")
def test_migrations_fire_nothing(baked: list[str], settings: Settings) -> None:
    """Test runners migrate as well, without any `manage.py`."""
    settings.AIRLOCK = {"COMMANDS": {"migrate": "drop_all"}}

    call_command("migrate", verbosity=0)

    assert baked == []


@pytest.mark.usefixtures("_connected", "_enqueueing_receivers")
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


@pytest.mark.usefixtures("_connected")
def test_connecting_twice_is_once() -> None:
    """Two applications of one process may both ask for it."""
    execute = BaseCommand.execute

    connect()

    assert BaseCommand.execute is execute


def test_without_the_application_nobody_reads_the_setting(settings: Settings) -> None:
    """Nor is Django changed."""
    settings.AIRLOCK = {"COMMANDS": {"stocktake": "drop_all"}}

    with pytest.raises(airlock.NoScopeError):
        call_command("stocktake")
