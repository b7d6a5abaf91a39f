"""System checks: each fires where something is wrong, and is silent elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bakery.executors import custom_executor
from django.core.management import get_commands

import airlock
from airlock.integrations.django.checks import check_middleware, check_settings

if TYPE_CHECKING:
    from pathlib import Path

    from django.core.checks import CheckMessage
    from pytest_django import Settings

MIDDLEWARE = "airlock.integrations.django.AirlockMiddleware"
SUBCLASS = "bakery.middleware.OnlySuccess"
SECURITY = "django.middleware.security.SecurityMiddleware"
FOREIGN = "bakery.middleware.Mending"

SOUND = {
    "TASK_BACKEND": custom_executor,
    "DEFAULT_POLICY": "drop_all",
    "SCOPE": "django",
    "USE_ON_COMMIT": True,
    "DATABASE_ALIAS": "archive",
    "COMMANDS": {
        "loaddata": "drop_all",
        "migrate": airlock.DropAll,
        "stocktake": None,
        # Left alone all the same: to say so does no harm.
        "runserver": None,
        "run_huey": None,
    },
}


def of_settings(configured: object, settings: Settings) -> list[CheckMessage]:
    """Check a value of ``AIRLOCK``."""
    settings.AIRLOCK = configured
    return check_settings()


def of_middleware(middleware: list[str], settings: Settings) -> list[CheckMessage]:
    """Check a list of middlewares."""
    settings.MIDDLEWARE = middleware
    return check_middleware()


def test_sound_settings_are_silent(settings: Settings) -> None:
    """All keys, each with a value that it may have."""
    assert of_settings(SOUND, settings) == []


def test_no_settings_are_silent(settings: Settings) -> None:
    """Where tasks may run in place."""
    settings.DEBUG = True

    assert check_settings() == []


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"TASKBACKEND": 1}, "E002", "unknown key 'TASKBACKEND'", "Did you mean 'TASK_B"),
    ({"COLOUR": 1}, "E002", "unknown key 'COLOUR'", "Remove it"),
    ({"TASK_BACKEND": "no.where"}, "E003", "is 'no.where'", "install what it needs"),
    ({"TASK_BACKEND": "nobody"}, "E003", "is 'nobody'", "Installed: "),
    ({"TASK_BACKEND": 3}, "E003", "is 3", "a callable that takes an Intent"),
    ({"DEFAULT_POLICY": "dropall"}, "E004", "is 'dropall'", "Installed: allow_all"),
    ({"DEFAULT_POLICY": 3}, "E004", "is 3", "on_enqueue"),
    ({"SCOPE": "airlock.Scoop"}, "E005", "is 'airlock.Scoop'", "Expected an import"),
    ({"SCOPE": "airlock.Intent"}, "E005", "is 'airlock.Intent'", "airlock.Scope"),
    ({"USE_ON_COMMIT": "no"}, "E006", "is 'no'", "True or False"),
    ({"DATABASE_ALIAS": "archives"}, "E007", "is 'archives'", "'archive'"),
    ({"COMMANDS": ["migrate"]}, "E008", "is ['migrate']", "Set it to a dict"),
    ({"COMMANDS": {"migrate": "no"}}, "E008", "['migrate'] is 'no'", "drop_all"),
    ({"ON_DISPATCH_ERROR": "no"}, "E010", "is 'no'", "'raise' or 'log'"),
    ({"COMMANDS": {"migrat": None}}, "W004", "names 'migrat'", "mean 'migrate'"),
    ({"COMMANDS": {"x": None}}, "W004", "names 'x'", "Remove it, or install"),
    ({"COMMANDS": {"runserver": "drop_all"}}, "W005", "'runserver'", "Remove it"),
    ({"TASK_BACKEND": None}, "W003", "runs tasks in place", "the executor of a queue"),
    ({"TASK_BACKEND": "sync"}, "W003", "DEBUG is off", "silence this"),
]


@pytest.mark.parametrize(("change", "identity", "problem", "remedy"), WRONG)
def test_a_wrong_value_is_told_with_a_hint(
    change: dict[str, Any], identity: str, problem: str, remedy: str, settings: Settings
) -> None:
    """Each by an identity of its own, so that it can be silenced alone."""
    [message] = of_settings({**SOUND, **change}, settings)

    assert message.id == f"airlock.{identity}"
    assert problem in message.msg
    assert remedy in str(message.hint)
    assert message.is_serious() == identity.startswith("E")


@pytest.mark.parametrize("configured", [["TASK_BACKEND"], None, "huey"])
def test_a_setting_that_is_no_dict_is_told(
    configured: object, settings: Settings
) -> None:
    """Nothing else can be checked then."""
    [message] = of_settings(configured, settings)

    assert message.id == "airlock.E001"
    assert repr(configured) in message.msg
    assert "Set it to a dict of DEFAULT_POLICY" in str(message.hint)


def test_all_that_is_wrong_is_told_at_once(settings: Settings) -> None:
    """Not one by one, from run to run."""
    wrong = {
        "TASK_BACKEND": "no.where",
        "SCOPE": "airlock.Scoop",
        "COMMANDS": {"migrate": "no", "loaddata": "nor"},
    }

    found = [message.id for message in of_settings(wrong, settings)]

    assert found == ["airlock.E003", "airlock.E005", "airlock.E008", "airlock.E008"]


def test_every_unknown_key_is_told(settings: Settings) -> None:
    """Each with its nearest."""
    found = of_settings({"SCOPES": 1, "COMMAND": 2}, settings)

    assert [message.id for message in found] == ["airlock.E002", "airlock.E002"]
    assert [str(message.hint).partition("Did")[2] for message in found] == [
        " you mean 'SCOPE'?",
        " you mean 'COMMANDS'?",
    ]


def test_debugging_runs_tasks_in_place(settings: Settings) -> None:
    """A developer has no queue."""
    settings.DEBUG = True

    assert of_settings({"TASK_BACKEND": None}, settings) == []


def test_a_command_by_another_name_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy would hold for the name that the class has from its module."""
    from bakery.management.commands.stocktake import Command

    monkeypatch.setitem(get_commands(), "count", Command())
    named = {**SOUND, "COMMANDS": {"count": "drop_all", "stocktake": "drop_all"}}

    [message] = of_settings(named, settings)

    assert message.id == "airlock.W004"
    assert "called 'stocktake'" in message.msg
    assert "Write 'stocktake'" in str(message.hint)


def test_a_command_that_does_not_import_is_left_to_those_who_run_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told by Django."""
    monkeypatch.setitem(get_commands(), "lost", "no.where")

    assert of_settings({**SOUND, "COMMANDS": {"lost": "drop_all"}}, settings) == []


@pytest.mark.parametrize(
    "middleware",
    [
        [MIDDLEWARE, FOREIGN, SECURITY],
        [SECURITY, MIDDLEWARE],
        [SUBCLASS],
        [SECURITY, SUBCLASS, FOREIGN, "django.middleware.csrf.csrf_exempt"],
        [MIDDLEWARE, "bakery.views.browse", "no.where"],
    ],
)
def test_the_middleware_in_its_place_is_silent(
    middleware: list[str], settings: Settings
) -> None:
    """Around what is not Django's; after Django's own it stands well too."""
    assert of_middleware(middleware, settings) == []


@pytest.mark.parametrize(
    ("middleware", "identity", "problem", "remedy"),
    [
        ([SECURITY], "W001", "NoScopeError", f"Put '{MIDDLEWARE}' first"),
        ([], "W001", "is not in MIDDLEWARE", "silence this"),
        ([SECURITY, FOREIGN, MIDDLEWARE], "W002", FOREIGN, "before them"),
        ([MIDDLEWARE, SUBCLASS], "E009", "2 times", "Keep the first"),
        ([MIDDLEWARE, SECURITY, MIDDLEWARE], "E009", "inner one", "remove the rest"),
    ],
)
def test_the_middleware_out_of_place_is_told(
    middleware: list[str],
    identity: str,
    problem: str,
    remedy: str,
    settings: Settings,
) -> None:
    """It is missing, twice, or inside what may need it."""
    [message] = of_middleware(middleware, settings)

    assert message.id == f"airlock.{identity}"
    assert problem in message.msg
    assert remedy in str(message.hint)
    assert message.is_serious() == identity.startswith("E")


def test_a_middleware_whose_module_breaks_is_left_to_django(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Other checks go on, such as those that tell why it breaks."""
    (tmp_path / "half_written.py").write_text("OVEN = NOT_YET\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert of_middleware([MIDDLEWARE, "half_written.Middleware"], settings) == []
