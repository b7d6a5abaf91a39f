"""Selecting executors, scope classes and policies by name or import path."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from airlock._errors import (
    BrokenPluginError,
    DuplicatePluginError,
    ImportPathError,
    PluginError,
    PluginTypeError,
    UnknownPluginError,
)
from airlock._intent import Executor, check_policy
from airlock._lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.metadata import EntryPoint

    from airlock._policy import Policy
    from airlock._scope import Scope

__all__ = [
    "Plugin",
    "installed_plugins",
    "resolve_executor",
    "resolve_policy",
    "resolve_scope",
]


class Kind(NamedTuple):
    """What can be selected: where it is declared, and what it must be."""

    noun: str
    group: str
    expected: str
    is_one: Callable[[object], bool]


def _is_scope_class(found: object) -> bool:
    verbs = ("enter", "exit", "flush", "discard")
    return isinstance(found, type) and all(hasattr(found, verb) for verb in verbs)


def _is_scope_maker(found: object) -> bool:
    return _is_scope_class(found) or _is_executor(found)


def _is_policy_maker(found: object) -> bool:
    return callable(found) or hasattr(found, "allows")


def _is_executor(found: object) -> bool:
    # Calling a class with an intent makes an object, and the effect is lost.
    return callable(found) and not isinstance(found, type)


EXECUTOR = Kind(
    "executor",
    "airlock.executors",
    "a callable that takes an Intent, and no class",
    _is_executor,
)
SCOPE = Kind(
    "scope",
    "airlock.scopes",
    "a subclass of airlock.Scope, or a function that makes one",
    _is_scope_maker,
)
POLICY = Kind(
    "policy", "airlock.policies", "a policy, or what makes one", _is_policy_maker
)

# Never build the name of a distribution to install out of what a user typed.
FIRST_PARTY = {
    ("airlock.executors", "celery"): "airlock-celery",
    ("airlock.executors", "django_q"): "airlock-executor-django-q",
    ("airlock.executors", "django_tasks"): "airlock-executor-django-tasks",
    ("airlock.executors", "dramatiq"): "airlock-executor-dramatiq",
    ("airlock.executors", "huey"): "airlock-executor-huey",
    ("airlock.executors", "rq"): "airlock-executor-rq",
    ("airlock.scopes", "django"): "airlock-django",
}


class Plugin(NamedTuple):
    """One declared plugin, as `python -m airlock` lists it."""

    group: str
    name: str
    distribution: str
    target: str
    error: str | None


class _Index:
    """What the installed distributions declare, read once, when first asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[tuple[str, str], list[EntryPoint]] | None = None

    def read(self) -> dict[tuple[str, str], list[EntryPoint]]:
        with self._lock:
            if self._found is None:
                self._found = self._scan()
            return self._found

    def forget(self) -> None:
        with self._lock:
            self._found = None

    @staticmethod
    def _scan() -> dict[tuple[str, str], list[EntryPoint]]:
        # Imported here: it costs more than all of airlock.
        from importlib.metadata import entry_points  # noqa: PLC0415

        found: dict[tuple[str, str], list[EntryPoint]] = {}
        for kind in (EXECUTOR, SCOPE, POLICY):
            for entry in entry_points(group=kind.group):
                found.setdefault((kind.group, _normal(entry.name)), []).append(entry)
        return found


index = _Index()


def resolve_executor(executor: Executor | str) -> Executor:
    """Return the executor that a name or import path selects.

    An executor itself is returned as it is.

    Raises:
        PluginError: If there is no such executor, it does not import, or what
            was found is not a callable.
    """
    # As it nearly always is: a scope is made for each request, or oftener.
    if _is_executor(executor):
        return cast("Executor", executor)
    found: Executor = _resolve(EXECUTOR, executor)
    return found


def resolve_scope(scope: Callable[..., Scope] | str) -> Callable[..., Scope]:
    """Return the scope class that a name or import path selects.

    A class, or any other callable that makes a scope, is returned as it is.

    Raises:
        PluginError: If there is no such class, it does not import, or what was
            found is not a scope class.
    """
    found: Callable[..., Scope] = _resolve(SCOPE, scope)
    return found


def resolve_policy(policy: Policy | str) -> Policy:
    """Return the policy that a name or import path selects.

    A policy itself is returned as it is. A name may lead to a class or function
    that needs no arguments: it is called, so that each scope gets its own policy.

    Raises:
        PluginError: If there is no such policy, it does not import, or what was
            found is not a policy.
    """
    found: Any = _made(policy) if isinstance(policy, str) else policy
    check_policy(found)
    chosen: Policy = found
    return chosen


def _made(name: str) -> Any:  # noqa: ANN401 - checked by the caller
    found = _resolve(POLICY, name)
    if hasattr(found, "allows") and not isinstance(found, type):
        return found
    try:
        return found()
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        expected = f"what makes one without arguments (calling it raised {cause})"
        raise PluginTypeError("policy", repr(name), expected) from error


def installed_plugins() -> Iterable[Plugin]:
    """Import every declared plugin and yield what became of each, sorted."""
    for (group, name), entries in sorted(index.read().items()):
        kind = next(kind for kind in (EXECUTOR, SCOPE, POLICY) if kind.group == group)
        error = _failure(kind, name)
        for entry in entries:
            yield Plugin(group, entry.name, _distribution(entry), entry.value, error)


def _failure(kind: Kind, name: str) -> str | None:
    try:
        if kind is POLICY:
            resolve_policy(name)
        _resolve(kind, name)
    except PluginError as error:
        return str(error)
    return None


def _resolve(kind: Kind, value: object) -> Any:  # noqa: ANN401 - of that kind
    source = ""
    found = value
    if isinstance(value, str):
        is_path = "." in value or ":" in value
        found, source = (_import if is_path else _load)(kind, value)
    if not kind.is_one(found):
        raise PluginTypeError(kind.noun, repr(found), kind.expected, source)
    return found


def _load(kind: Kind, name: str) -> tuple[object, str]:
    entries = index.read().get((kind.group, _normal(name)), [])
    if not entries:
        known = sorted(n for group, n in index.read() if group == kind.group)
        distribution = FIRST_PARTY.get((kind.group, _normal(name)))
        raise UnknownPluginError(kind.noun, name, known, distribution)
    if len(entries) > 1:
        raise DuplicatePluginError(kind.noun, name, sorted(map(_source, entries)))
    [entry] = entries
    try:
        return entry.load(), _source(entry)
    except (Exception, SystemExit) as error:
        cause = f"{type(error).__name__}: {error}"
        raise BrokenPluginError(kind.noun, name, _source(entry), cause) from error


def _import(kind: Kind, path: str) -> tuple[object, str]:
    module, separator, attributes = path.partition(":")
    if not separator:
        module, _, attributes = path.rpartition(".")
    try:
        found: object = import_module(module)
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except (Exception, SystemExit) as error:
        cause = f"{type(error).__name__}: {error}"
        raise ImportPathError(kind.noun, path, cause) from error
    return found, path


def _normal(name: str) -> str:
    return name.replace("-", "_").lower()


def _source(entry: EntryPoint) -> str:
    return f"{_distribution(entry)} ({entry.value})"


def _distribution(entry: EntryPoint) -> str:
    # Metadata built by hand, as some tests and tools do, names no distribution.
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown"
