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

if TYPE_CHECKING:
    from airlock import Executor, Policy, Scope

T = TypeVar("T")

DEFAULTS: dict[str, Any] = {
    "DEFAULT_POLICY": "airlock.AllowAll",
    "USE_ON_COMMIT": True,
    "DATABASE_ALIAS": "default",
    "TASK_BACKEND": None,
    "SCOPE": "airlock.integrations.django.DjangoScope",
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


def use_on_commit() -> bool:
    """Return whether dispatch waits for the transaction."""
    return bool(_read("USE_ON_COMMIT"))


def database_alias() -> str:
    """Return the database whose transaction dispatch waits for."""
    alias: str = _read("DATABASE_ALIAS")
    return alias


def _made_policy(value: Any) -> Policy:  # noqa: ANN401 - whatever the project set
    is_instance = hasattr(value, "allows") and not isinstance(value, type)
    made: Any = value if is_instance or not callable(value) else value()
    return resolve_policy(made)


def _chosen_executor(value: Executor | str | None) -> Executor:
    return sync_executor if value is None else resolve_executor(value)


def _resolved(key: str, resolve: Callable[[Any], T]) -> T:
    value = _read(key)
    try:
        return resolve(value)
    except AirlockError as error:
        msg = f"AIRLOCK[{key!r}] is {value!r}. {error}"
        raise ImproperlyConfigured(msg) from error


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
