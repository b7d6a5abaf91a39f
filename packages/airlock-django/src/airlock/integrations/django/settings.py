"""The ``AIRLOCK`` setting: defaults, and what its values select.

Read at each use, so that ``override_settings`` works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from airlock import AirlockError, resolve_executor, resolve_policy, resolve_scope
from airlock.integrations.executors.sync import sync_executor
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

if TYPE_CHECKING:
    from airlock import Executor, Policy, Scope

T = TypeVar("T")

DEFAULTS: dict[str, Any] = {
    "DEFAULT_POLICY": "airlock.AllowAll",
    "USE_ON_COMMIT": True,
    "DATABASE_ALIAS": None,
    "TASK_BACKEND": None,
    "SCOPE": "airlock.integrations.django.DjangoScope",
    "ON_DISPATCH_ERROR": "raise",
}


def make_scope(
    policy: Policy | str | None = None, *, executor: Executor | str | None = None
) -> Scope:
    """Return a scope as the settings describe it, for what is not given.

    Raises:
        ImproperlyConfigured: If a setting that is needed is wrong.
    """
    return _resolved("SCOPE", resolve_scope)(
        default_policy() if policy is None else policy,
        executor=task_executor() if executor is None else executor,
    )


def default_policy() -> Policy:
    """Return a policy for one scope: a new one, unless an instance was set."""
    return _resolved("DEFAULT_POLICY", _made_policy)


def task_executor() -> Executor:
    """Return the executor that ``TASK_BACKEND`` selects."""
    return _resolved("TASK_BACKEND", _chosen_executor)


def transaction_aliases() -> tuple[str, ...]:
    """Return the databases whose transactions count: all, one, or none.

    Raises:
        ImproperlyConfigured: If ``USE_ON_COMMIT`` is no truth value, or there is no
            database ``DATABASE_ALIAS``.
    """
    waits, alias = _read("USE_ON_COMMIT"), _read("DATABASE_ALIAS")
    if not isinstance(waits, bool):
        raise _improper("USE_ON_COMMIT", waits, "Set it to True or False.")
    known = tuple(connections)
    if not waits:
        return ()
    if alias is None:
        return known
    if alias not in known:
        raise _improper(
            "DATABASE_ALIAS", alias, f"DATABASES has {', '.join(map(repr, known))}."
        )
    return (alias,)


def raises_dispatch_errors() -> bool:
    """Tell whether a dispatch that fails raises, rather than being logged.

    Raises:
        ImproperlyConfigured: If ``ON_DISPATCH_ERROR`` says neither.
    """
    chosen = _read("ON_DISPATCH_ERROR")
    if chosen not in ("raise", "log"):
        raise _improper("ON_DISPATCH_ERROR", chosen, "Set it to 'raise' or 'log'.")
    return bool(chosen == "raise")


def _made_policy(value: Any) -> Policy:  # noqa: ANN401 - whatever the project set
    made: Any = value
    if callable(value) and (isinstance(value, type) or not hasattr(value, "allows")):
        try:
            made = value()
        except Exception as error:
            remedy = f"Calling it raised {type(error).__name__}: {error}"
            raise _improper("DEFAULT_POLICY", value, remedy) from error
    return resolve_policy(made)


def _chosen_executor(value: Executor | str | None) -> Executor:
    return sync_executor if value is None else resolve_executor(value)


def _resolved(key: str, resolve: Callable[[Any], T]) -> T:
    value = _read(key)
    try:
        return resolve(value)
    except AirlockError as error:
        raise _improper(key, value, str(error)) from error


def _improper(key: str, value: object, remedy: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"AIRLOCK[{key!r}] is {value!r}. {remedy}")


def _read(key: str) -> Any:  # noqa: ANN401 - each key has its own type
    configured = getattr(settings, "AIRLOCK", {})
    if not isinstance(configured, Mapping):
        msg = f"AIRLOCK is {configured!r}. Set it to a dict of {', '.join(DEFAULTS)}."
        raise ImproperlyConfigured(msg)
    for unknown in configured.keys() - DEFAULTS.keys():
        nearest = get_close_matches(str(unknown).upper(), DEFAULTS, n=1)
        hint = f"Did you mean {nearest[0]!r}?" if nearest else "Remove it."
        msg = (
            f"AIRLOCK has the unknown key {unknown!r}. Known are "
            f"{', '.join(DEFAULTS)}. {hint}"
        )
        raise ImproperlyConfigured(msg)
    return configured.get(key, DEFAULTS[key])
