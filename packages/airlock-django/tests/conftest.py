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

    from bakery.site import Site
    from pytest_django import Settings

# The project lies beside this file, wherever the tests were unpacked to.
sys.path.insert(0, str(Path(__file__).parent))

from databases import DATABASES, absence

REQUIRED = os.environ.get("AIRLOCK_REQUIRE_SERVICES", "").split(",")

SETTINGS: dict[str, Any] = {
    "DATABASES": DATABASES,
    "DATABASE_ROUTERS": ["bakery.router.BakeryRouter"],
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    # The three of Django's are those that the admin needs.
    "INSTALLED_APPS": [
        "bakery",
        *(f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes")),
    ],
    "MIDDLEWARE": ["airlock.integrations.django.AirlockMiddleware"],
    # Their tables as they are now: making them step by step takes its time, and the
    # oldest steps of queues, whose tests may run in this process too, fail on MariaDB.
    "MIGRATION_MODULES": dict.fromkeys(
        ("admin", "auth", "contenttypes", "django_q", "django_tasks_database")
    ),
    "ROOT_URLCONF": "bakery.urls",
    "SECRET_KEY": "only for tests",
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
        }
    ],
    "USE_TZ": True,
}

# One process has one project: where the tests of another distribution run in it too,
# and were found first, it becomes this one, with their applications.
if settings.configured:
    apps = [*SETTINGS["INSTALLED_APPS"], *settings.INSTALLED_APPS]
    SETTINGS["INSTALLED_APPS"] = list(dict.fromkeys(apps))
    for name, value in SETTINGS.items():
        setattr(settings, name, value)
else:
    settings.configure(**SETTINGS)


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


@pytest.fixture
def site(settings: Settings) -> Site:
    """The bakery's site, for somebody who may do everything."""
    from bakery.site import Site

    return Site(settings)


@pytest.fixture
def _receivers() -> Iterator[None]:
    """Those that a test connects end with it."""
    from django.db.models.signals import post_delete, post_save

    kept = [(signal, list(signal.receivers)) for signal in (post_save, post_delete)]
    yield
    for signal, receivers in kept:
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()


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
