"""The ``AIRLOCK`` setting: defaults, and what its values select.

Read when first used, and again when ``override_settings`` has changed them: looked up
for each scope, they would cost more than all else that a request without effects does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from airlock import (
    AirlockError,
    AllowAll,
    PluginTypeError,
    Scope,
    resolve_executor,
    resolve_policy,
    resolve_scope,
)
from airlock.integrations.executors.sync import sync_executor
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Container

    from airlock import Executor, Policy

T = TypeVar("T")

DEFAULTS: dict[str, Any] = {
    # The class: its path would be imported anew for each scope.
    "DEFAULT_POLICY": AllowAll,
    "USE_ON_COMMIT": True,
    "DATABASE_ALIAS": None,
    "TASK_BACKEND": None,
    "SCOPE": "airlock.integrations.django.DjangoScope",
    "ON_DISPATCH_ERROR": "raise",
    "COMMANDS": {},
}


class SettingError(ImproperlyConfigured):
    """A value of ``AIRLOCK`` that cannot be used.

    Args:
        key: The key at fault; none if it is the whole setting.
        problem: What is wrong.
        remedy: What to do about it.
    """

    def __init__(self, key: str, problem: str, remedy: str) -> None:
        super().__init__(key, problem, remedy)
        self.key = key
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"


def make_scope(
    policy: Policy | str | None = None, *, executor: Executor | str | None = None
) -> Scope:
    """Return a scope as the settings describe it, for what is not given.

    Where ``DEBUG`` is on it verifies, and notes call sites.

    Raises:
        ImproperlyConfigured: If a setting that is needed is wrong.
    """
    made = scope_class()(
        default_policy() if policy is None else policy,
        executor=task_executor() if executor is None else executor,
    )
    # What it is not, `airlock.scope()` tells.
    if settings.DEBUG and isinstance(made, Scope):
        # Only `airlock.scope()`, which calls this, is told what a project has chosen.
        made._verifies = made._notes_call_sites = True  # noqa: SLF001
    return made


@cache
def scope_class() -> Callable[..., Scope]:
    """Return what ``SCOPE`` selects to make scopes."""
    return _resolved("SCOPE", resolve_scope)


def default_policy() -> Policy | None:
    """Return a policy for one scope: a new one, unless an instance was set.

    None stands for that of all scopes, `AllowAll`: making one and looking at it would
    be a third of what a request without effects costs.
    """
    if _read("DEFAULT_POLICY") is AllowAll:
        return None
    return _resolved("DEFAULT_POLICY", _made_policy)


@cache
def task_executor() -> Executor:
    """Return the executor that ``TASK_BACKEND`` selects."""
    return _resolved("TASK_BACKEND", _chosen_executor)


class EveryAlias:
    """Holds all aliases, also those that a project adds while it runs."""

    def __contains__(self, alias: object) -> bool:
        return True


@cache
def transaction_aliases() -> Container[str]:
    """Return the databases whose transactions count: all, one, or none.

    Raises:
        ImproperlyConfigured: If ``USE_ON_COMMIT`` is no truth value, or there is no
            database ``DATABASE_ALIAS``.
    """
    waits, alias = _read("USE_ON_COMMIT"), _read("DATABASE_ALIAS")
    if not isinstance(waits, bool):
        raise _improper("USE_ON_COMMIT", waits, "Set it to True or False.")
    if not waits:
        return ()
    if alias is None:
        return EveryAlias()
    known = tuple(connections)
    if alias not in known:
        raise _improper(
            "DATABASE_ALIAS", alias, f"DATABASES has {', '.join(map(repr, known))}."
        )
    return (alias,)


@cache
def raises_dispatch_errors() -> bool:
    """Tell whether a dispatch that fails raises, rather than being logged.

    Raises:
        ImproperlyConfigured: If ``ON_DISPATCH_ERROR`` says neither.
    """
    chosen = _read("ON_DISPATCH_ERROR")
    if chosen not in ("raise", "log"):
        raise _improper("ON_DISPATCH_ERROR", chosen, "Set it to 'raise' or 'log'.")
    return bool(chosen == "raise")


def commands() -> Mapping[str, Any]:
    """Return ``COMMANDS``: names of commands, and what selects the policy of each.

    Raises:
        ImproperlyConfigured: If it is no dict whose keys are names.
    """
    named = _read("COMMANDS")
    if isinstance(named, Mapping) and all(isinstance(name, str) for name in named):
        return named
    example = "a dict such as {'loaddata': 'drop_all', 'run_huey': None}"
    raise _improper("COMMANDS", named, f"Set it to {example}.")


def command_policy(name: str) -> Policy:
    """Return the policy that ``COMMANDS`` selects for one of its commands."""
    value = commands()[name]
    try:
        return _made_policy(value)
    except AirlockError as error:
        problem = f"AIRLOCK['COMMANDS'][{name!r}] is {value!r}."
        raise SettingError("COMMANDS", problem, str(error)) from error


def _made_policy(value: Any) -> Policy:  # noqa: ANN401 - whatever the project set
    made: Any = value
    if callable(value) and (isinstance(value, type) or not hasattr(value, "allows")):
        try:
            made = value()
        except Exception as error:
            cause = f"calling it raised {type(error).__name__}: {error}"
            expected = f"what makes one without arguments ({cause})"
            raise PluginTypeError("policy", repr(value), expected) from error
    return resolve_policy(made)


def _chosen_executor(value: Executor | str | None) -> Executor:
    return sync_executor if value is None else resolve_executor(value)


def _resolved(key: str, resolve: Callable[[Any], T]) -> T:
    value = _read(key)
    try:
        return resolve(value)
    except AirlockError as error:
        raise _improper(key, value, str(error)) from error


def _improper(key: str, value: object, remedy: str) -> SettingError:
    return SettingError(key, f"AIRLOCK[{key!r}] is {value!r}.", remedy)


@cache
def _read(key: str) -> Any:  # noqa: ANN401 - each key has its own type
    configured = airlock_setting()
    for problem in unknown_keys(configured):
        raise problem
    return configured.get(key, DEFAULTS[key])


def airlock_setting() -> Mapping[Any, Any]:
    """Return ``AIRLOCK`` as the project wrote it.

    Raises:
        ImproperlyConfigured: If it is no dict.
    """
    configured = getattr(settings, "AIRLOCK", {})
    if isinstance(configured, Mapping):
        return configured
    remedy = f"Set it to a dict of {', '.join(DEFAULTS)}."
    raise SettingError("", f"AIRLOCK is {configured!r}.", remedy)


def unknown_keys(configured: Mapping[Any, Any]) -> list[SettingError]:
    """Return an error for each key that there is not; it names the nearest."""
    return [_unknown(key) for key in configured if key not in DEFAULTS]


def _unknown(key: object) -> SettingError:
    nearest = get_close_matches(str(key).upper(), DEFAULTS, n=1)
    hint = f"Did you mean {nearest[0]!r}?" if nearest else "Remove it."
    return SettingError(
        str(key),
        f"AIRLOCK has the unknown key {key!r}.",
        f"Known are {', '.join(DEFAULTS)}. {hint}",
    )


_CACHED = (
    *(scope_class, task_executor, transaction_aliases, raises_dispatch_errors),
    _read,
)


def _forget(*, setting: str, **signal: object) -> None:
    del signal
    if setting in ("AIRLOCK", "DATABASES"):
        for function in _CACHED:
            function.cache_clear()


setting_changed.connect(_forget, dispatch_uid="airlock.integrations.django.settings")
