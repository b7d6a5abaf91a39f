"""Installing the application makes plain scopes follow the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.test import modify_settings, override_settings

import airlock
from airlock.integrations.django import DjangoScope
from airlock.integrations.django.apps import AirlockConfig

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _installed(_fresh_hook: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(AirlockConfig, "configured", None)
    with modify_settings(INSTALLED_APPS={"append": "airlock.integrations.django"}):
        yield
        configured = AirlockConfig.configured
    assert configured is not None
    configured.reset()


@pytest.mark.usefixtures("_installed")
def test_a_plain_scope_waits_for_the_transaction() -> None:
    """Whoever installs the application wants no other kind by accident."""
    assert type(airlock.scope()) is DjangoScope
    assert apps.get_app_config("airlock_django").name == "airlock.integrations.django"


@pytest.mark.usefixtures("_installed")
def test_a_plain_scope_can_still_be_had() -> None:
    """By asking for it."""
    assert type(airlock.scope(_cls=airlock.Scope)) is airlock.Scope


@pytest.mark.usefixtures("_installed")
def test_getting_ready_twice_connects_once() -> None:
    """Tests that change INSTALLED_APPS make Django call `ready()` again."""
    apps.get_app_config("airlock_django").ready()

    assert AirlockConfig.configured is not None
    AirlockConfig.configured.reset()
    assert type(airlock.scope()) is airlock.Scope


@pytest.mark.usefixtures("_installed")
@override_settings(AIRLOCK={"COLOUR": "red"}, MIDDLEWARE=[])
def test_the_system_checks_are_run() -> None:
    """Those of the setting and those of the middleware."""
    found = {message.id for message in run_checks(tags=["airlock"])}

    assert found == {"airlock.E002", "airlock.W001"}


def test_without_the_application_a_plain_scope_knows_nothing_of_django() -> None:
    """As the specification describes `airlock.scope()`."""
    assert type(airlock.scope()) is airlock.Scope
