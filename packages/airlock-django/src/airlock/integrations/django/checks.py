"""System checks: what is wrong with the settings, and what to do about it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from airlock.integrations.django.hook import ENDLESS, command_name
from airlock.integrations.django.middleware import AirlockMiddleware
from airlock.integrations.django.settings import (
    SettingError,
    airlock_setting,
    command_policy,
    commands,
    default_policy,
    raises_dispatch_errors,
    scope_class,
    task_executor,
    transaction_aliases,
    unknown_keys,
)
from airlock.integrations.executors.sync import sync_executor
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - its name
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIDDLEWARE = "airlock.integrations.django.AirlockMiddleware"
NOT_A_DICT = "airlock.E001"
UNKNOWN_KEY = "airlock.E002"
# Each key by the error that its value is not what it should be.
IDS = {
    "TASK_BACKEND": "airlock.E003",
    "DEFAULT_POLICY": "airlock.E004",
    "SCOPE": "airlock.E005",
    "USE_ON_COMMIT": "airlock.E006",
    "DATABASE_ALIAS": "airlock.E007",
    "COMMANDS": "airlock.E008",
    # E009 is about the middleware.
    "ON_DISPATCH_ERROR": "airlock.E010",
}
READERS: tuple[Callable[[], object], ...] = (
    task_executor,
    default_policy,
    scope_class,
    transaction_aliases,
    commands,
    raises_dispatch_errors,
)


def check_settings(**given: object) -> list[CheckMessage]:
    """Check that each value of ``AIRLOCK`` can be used."""
    del given
    try:
        unknown = unknown_keys(airlock_setting())
    except SettingError as error:
        return [_error(error, NOT_A_DICT)]
    # While there are any, no value is used.
    if unknown:
        return [_error(error, UNKNOWN_KEY) for error in unknown]
    return [*_unusable_values(), *_warnings_of_commands(), *_warnings_of_executor()]


def check_middleware(**given: object) -> list[CheckMessage]:
    """Check that the middleware is there, once, and around the project's others."""
    del given
    middleware = list(settings.MIDDLEWARE)
    places = [n for n, path in enumerate(middleware) if _is_airlock(path)]
    if not places:
        return [
            Warning(
                "AirlockMiddleware is not in MIDDLEWARE: requests have no scope, and "
                "enqueue() raises NoScopeError in them.",
                hint=f"Put {MIDDLEWARE!r} first, or silence this if nothing is "
                f"enqueued in a request.",
                id="airlock.W001",
            )
        ]
    if len(places) > 1:
        twice = ", ".join(repr(middleware[place]) for place in places)
        return [
            Error(
                f"AirlockMiddleware is in MIDDLEWARE {len(places)} times: {twice}. "
                f"Effects leave by the decision of the inner one alone.",
                hint="Keep the first and remove the rest.",
                id="airlock.E009",
            )
        ]
    return _warnings_of_place(middleware[: places[0]])


def _warnings_of_place(before: list[str]) -> list[CheckMessage]:
    # Django's own enqueue nothing, and Django's documentation places them.
    outside = [path for path in before if not path.startswith("django.")]
    if not outside:
        return []
    return [
        Warning(
            f"These stand before AirlockMiddleware: {', '.join(outside)}. In them "
            f"enqueue() raises NoScopeError, and if one fails after the view, or "
            f"turns its response into an error, the effects have left already.",
            hint="Put AirlockMiddleware before them, or silence this if they do "
            "neither.",
            id="airlock.W002",
        )
    ]


def _is_airlock(path: str) -> bool:
    try:
        found: Any = import_string(path)
    except Exception:  # noqa: BLE001 - whatever the module raises
        # Django itself tells, when it loads the middleware.
        return False
    return isinstance(found, type) and issubclass(found, AirlockMiddleware)


def _unusable_values() -> Iterator[CheckMessage]:
    for read in READERS:
        try:
            read()
        except SettingError as error:
            yield _error(error, IDS[error.key])


def _warnings_of_executor() -> Iterator[CheckMessage]:
    try:
        is_sync = task_executor() is sync_executor
    except SettingError:
        return
    if is_sync and not settings.DEBUG:
        yield Warning(
            "AIRLOCK['TASK_BACKEND'] runs tasks in place, at the end of each request, "
            "and DEBUG is off.",
            hint="Name the executor of a queue, such as 'celery' or 'huey', or "
            "silence this if the client is to wait for the tasks.",
            id="airlock.W003",
        )


def _warnings_of_commands() -> Iterator[CheckMessage]:
    try:
        named = commands()
    except SettingError:
        return
    for name, policy in named.items():
        if policy is not None:
            yield from _unusable_policy(name)
        if name in ENDLESS and policy is not None:
            yield Warning(
                f"AIRLOCK['COMMANDS'] names {name!r}, which gets no scope: it runs "
                f"until it is stopped.",
                hint="Remove it. Requests and tasks have scopes of their own.",
                id="airlock.W005",
            )
        elif name not in ENDLESS:
            yield from _unknown_command(name)


def _unusable_policy(name: str) -> Iterator[CheckMessage]:
    try:
        command_policy(name)
    except SettingError as error:
        yield _error(error, IDS["COMMANDS"])


def _unknown_command(name: str) -> Iterator[CheckMessage]:
    known = get_commands()
    if name not in known:
        nearest = get_close_matches(name, known, n=1)
        yield Warning(
            f"AIRLOCK['COMMANDS'] names {name!r}, and there is no such command.",
            hint=f"Did you mean {nearest[0]!r}?"
            if nearest
            else "Remove it, or install the application that has it.",
            id="airlock.W004",
        )
        return
    called = _own_name(known[name], name)
    if called != name:
        yield Warning(
            f"AIRLOCK['COMMANDS'] names {name!r}, whose class comes from a module "
            f"called {called!r}: Django does not tell a command its other names.",
            hint=f"Write {called!r}, or subclass the command in {name}.py.",
            id="airlock.W004",
        )


def _own_name(application: str | BaseCommand, name: str) -> str:
    if isinstance(application, BaseCommand):
        return command_name(application)
    try:
        return command_name(load_command_class(application, name))
    except Exception:  # noqa: BLE001 - whatever its module raises
        # Whoever runs it is told.
        return name


def _error(error: SettingError, identity: str) -> CheckMessage:
    return Error(error.problem, hint=error.remedy, id=identity)
