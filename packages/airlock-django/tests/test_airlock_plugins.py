"""The command `airlock_plugins`, in this process."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

import airlock
from airlock.integrations.django.management.commands.airlock_plugins import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

BROKEN = airlock.Plugin("airlock.executors", "toy", "toy 3.4", "nowhere:run", "gone")


def test_every_plugin_is_listed() -> None:
    """As `python -m airlock` prints them."""
    out = StringIO()

    call_command(Command(), stdout=out)

    table = airlock.plugin_table(airlock.installed_plugins())
    assert out.getvalue() == f"{table}\n"


def test_a_broken_plugin_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is listed all the same."""

    def installed() -> Iterator[airlock.Plugin]:
        yield BROKEN

    monkeypatch.setattr(airlock, "installed_plugins", installed)
    out = StringIO()

    with pytest.raises(CommandError, match="do not load: toy"):
        call_command(Command(), stdout=out)

    assert "nowhere:run" in out.getvalue()
