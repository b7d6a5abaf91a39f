"""A small project, the bakery, on real databases."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# The project lies beside this file, wherever the tests were unpacked to.
sys.path.insert(0, str(Path(__file__).parent))

from databases import DATABASES, absence

REQUIRED = os.environ.get("AIRLOCK_REQUIRE_SERVICES", "").split(",")

if not settings.configured:
    settings.configure(
        DATABASES=DATABASES,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["bakery"],
        MIDDLEWARE=["airlock.integrations.django.AirlockMiddleware"],
        ROOT_URLCONF="bakery.urls",
        SECRET_KEY="only for tests",  # noqa: S106 - nothing is secret here
        USE_TZ=True,
    )


@pytest.fixture
def baked() -> Iterator[list[str]]:
    """What the tasks of the bakery did, in order, and in which state."""
    from bakery.tasks import done

    done.clear()
    yield done
    done.clear()


@pytest.fixture
def _fresh_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test does to the commands of this process ends with it."""
    from django.core.management.base import BaseCommand

    from airlock.integrations.django.hook import CommandHook

    monkeypatch.setattr(BaseCommand, "execute", BaseCommand.execute)
    monkeypatch.setattr(CommandHook, "is_connected", False)
    monkeypatch.setattr(CommandHook, "is_for_all", False)


def _on_each(*, is_transactional: bool) -> list[Any]:
    def on(alias: str, name: str, *marks: pytest.MarkDecorator) -> object:
        # No others: emptying a database after the test takes its time.
        used = pytest.mark.django_db(
            transaction=is_transactional, databases=[alias, "archive"]
        )
        return pytest.param(alias, marks=[used, *marks], id=name)

    return [
        on("default", "sqlite"),
        on("postgres", "postgres", pytest.mark.service("postgres")),
        on("mariadb", "mariadb", pytest.mark.service("mariadb")),
    ]


@pytest.fixture(params=_on_each(is_transactional=True))
def using(request: pytest.FixtureRequest) -> str:
    """The alias of a database: the test runs on each of the three."""
    alias: str = request.param
    return alias


@pytest.fixture(params=_on_each(is_transactional=False))
def wrapped(request: pytest.FixtureRequest) -> str:
    """The same, inside the transactions of a test case."""
    alias: str = request.param
    return alias


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a database that is not there, or fail it where it must be."""
    for mark in item.iter_markers("service"):
        for name in mark.args:
            problem = absence(name)
            if problem and name in REQUIRED:
                pytest.fail(problem, pytrace=False)
            if problem:
                pytest.skip(problem)
