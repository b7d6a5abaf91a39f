"""The ``AIRLOCK`` setting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from bakery.tasks import deliver
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

import airlock
from airlock import Scope
from airlock.integrations.django import DjangoScope
from airlock.integrations.django.settings import make_scope

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)

carried: list[str] = []


class Special(Scope):
    """A scope class to be recognised."""


def carry(intent: airlock.Intent) -> None:
    """Be an executor."""
    carried.append(intent.name)


def make_policy() -> airlock.Policy:
    """Be a callable that makes a policy."""
    return airlock.DropAll()


SHARED = airlock.DropAll()


def judged(policy: airlock.Policy) -> bool:
    """Tell whether the policy lets an effect pass."""
    return policy.allows(airlock.Intent(deliver))


def effects() -> list[str]:
    """Enqueue one effect in a scope made by the settings; return what left."""
    carried.clear()
    with make_scope(executor=carry):
        airlock.enqueue(deliver, "rye")
    return carried


def test_without_settings_everything_has_a_default() -> None:
    """The setting is optional, and so is each key."""
    assert type(make_scope()) is DjangoScope
    assert effects() == ["bakery.tasks:deliver"]


@pytest.mark.parametrize(
    "policy",
    [
        "airlock.DropAll",
        "airlock:DropAll",
        "drop_all",
        airlock.DropAll,
        make_policy,
        SHARED,
        "test_settings_policy.instance",
    ],
)
def test_the_default_policy_may_be_given_in_every_way(
    policy: object, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dotted path or callable, as specified; names and instances as in core."""
    import sys
    from types import ModuleType

    module = ModuleType("test_settings_policy")
    module.instance = SHARED  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "test_settings_policy", module)
    settings.AIRLOCK = {"DEFAULT_POLICY": policy}

    assert effects() == []


def test_each_scope_gets_a_policy_of_its_own(settings: Settings) -> None:
    """A policy that counts must not count the request before."""
    made: list[airlock.Policy] = []

    def make() -> airlock.Policy:
        made.append(airlock.MaxEffects(1))
        return made[-1]

    settings.AIRLOCK = {"DEFAULT_POLICY": make}
    effects()
    effects()

    assert len(made) == 2


@pytest.mark.parametrize("backend", [carry, f"{__name__}.carry"])
def test_the_task_backend_dispatches(
    backend: object, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dotted path, a name, or the executor itself."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules[carry.__module__])
    settings.AIRLOCK = {"TASK_BACKEND": backend}
    carried.clear()

    with make_scope():
        airlock.enqueue(deliver, "rye")

    assert carried == ["bakery.tasks:deliver"]


def test_no_task_backend_runs_tasks_in_place(
    baked: list[str], settings: Settings
) -> None:
    """The default, spelt out."""
    settings.AIRLOCK = {"TASK_BACKEND": None}

    with make_scope():
        airlock.enqueue(deliver, "rye")

    assert baked == ["deliver rye"]


def test_the_scope_class_may_be_chosen(settings: Settings) -> None:
    """It still gets the policy and executor of the settings."""
    settings.AIRLOCK = {
        "SCOPE": Special,
        "TASK_BACKEND": carry,
        "DEFAULT_POLICY": "drop_all",
    }
    carried.clear()

    with make_scope() as s:
        airlock.enqueue(deliver, "rye")

    assert type(s) is Special
    assert carried == []


def test_an_unused_database_stays_unused() -> None:
    """A thread that never touched it must not connect to flush."""

    def in_a_new_thread() -> tuple[list[str], bool]:
        return effects(), connection.connection is None

    with ThreadPoolExecutor() as pool:
        assert pool.submit(in_a_new_thread).result() == (["bakery.tasks:deliver"], True)


def test_a_setting_takes_effect_at_once(settings: Settings) -> None:
    """`override_settings` works without a restart."""
    settings.AIRLOCK = {"DEFAULT_POLICY": "drop_all"}
    assert effects() == []

    settings.AIRLOCK = {"DEFAULT_POLICY": "allow_all"}
    assert effects() == ["bakery.tasks:deliver"]


@pytest.mark.parametrize(
    ("configured", "text"),
    [
        ({"TASK_BACKEND": "nowhere"}, r"AIRLOCK\['TASK_BACKEND'\] is 'nowhere'"),
        ({"TASK_BACKEND": "no.where"}, "ModuleNotFoundError"),
        ({"TASK_BACKEND": 3}, "a callable that takes an Intent"),
        ({"DEFAULT_POLICY": "airlock.Intnt"}, r"AIRLOCK\['DEFAULT_POLICY'\]"),
        ({"DEFAULT_POLICY": 3}, "not a usable policy"),
        ({"SCOPE": "airlock.Intent"}, r"subclass of airlock\.Scope"),
        ({"TASKBACKEND": None}, "Did you mean 'TASK_BACKEND'"),
        ({"task_backend": None}, "Did you mean 'TASK_BACKEND'"),
        ({"COLOUR": "red"}, "Remove it"),
        ({"SCOPE": dict}, r"subclass of airlock\.Scope"),
        ({"USE_ON_COMMIT": "False"}, "Set it to True or False"),
        ({"DATABASE_ALIAS": "archives"}, "DATABASES has 'default', 'archive'"),
        ({"DEFAULT_POLICY": None}, r"AIRLOCK\['DEFAULT_POLICY'\] is None"),
        ({"DEFAULT_POLICY": airlock.BlockTasks}, "raised TypeError"),
        ({"DEFAULT_POLICY": "airlock.BlockTasks"}, "without arguments"),
        (["TASK_BACKEND"], "Set it to a dict"),
        (None, "Set it to a dict"),
    ],
)
def test_a_wrong_value_names_key_and_value(
    configured: object, text: str, settings: Settings
) -> None:
    """At use, so that nothing leaves through a misread setting."""
    settings.AIRLOCK = configured

    with pytest.raises(ImproperlyConfigured, match=text):
        make_scope()
