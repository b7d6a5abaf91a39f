"""The process-wide defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from airlock._errors import ArgumentError
from airlock._intent import check_policy
from airlock._lock import Lock
from airlock._registry import resolve_executor, resolve_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from airlock._intent import Executor
    from airlock._policy import Policy
    from airlock._scope import Scope

__all__ = ["Configuration", "configure", "defaults"]

_lock = Lock()
_settings: tuple[tuple[object, dict[str, Any]], ...] = ()
_KEYS: tuple[str, ...] = ("policy", "executor", "scope", "verify", "call_sites")
_NONE: dict[str, Any] = dict.fromkeys(_KEYS)
_defaults: dict[str, Any] = _NONE


class Configuration:
    """One call of `configure()`, in force until it is reset.

    Usable as a context manager, which resets it on exit.
    """

    def reset(self) -> None:
        """Withdraw what this call configured; other calls stay in force."""
        with _lock:
            _merge(kept for kept in _settings if kept[0] is not self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.reset()


def configure(
    *,
    policy: Policy | str | None = None,
    executor: Executor | str | None = None,
    scope: Callable[..., Scope] | str | None = None,
    verify: bool | None = None,
    call_sites: bool | None = None,
) -> Configuration:
    """Set what `airlock.scope()` uses in this process where it is not told.

    What is left out keeps its present default. Names and import paths are looked
    up when a scope opens, so a plugin need not be importable yet.

    Args:
        policy: Judges intents. A name or import path makes one policy per scope;
            an instance is shared by all scopes.
        executor: Dispatches intents.
        scope: The scope class, or a callable ``(policy, *, executor)``.
        verify: Whether `enqueue()` raises for arguments that do not fit the task's
            signature, or cannot be carried by the executor. Off by default: it
            costs more than the enqueue.
        call_sites: Whether each intent notes the file and line of its enqueue.

    Returns:
        What was configured: call its `reset()`, or use it in a `with`.

    Raises:
        PluginTypeError: If a value can be none of these.
        ArgumentError: If `verify` or `call_sites` is neither True nor False.
    """
    if policy is not None and not isinstance(policy, str):
        check_policy(policy)
    if executor is not None and not isinstance(executor, str):
        resolve_executor(executor)
    if scope is not None and not isinstance(scope, str):
        resolve_scope(scope)
    for name, choice in (("verify", verify), ("call_sites", call_sites)):
        if choice is not None and not isinstance(choice, bool):
            raise ArgumentError(f"configure({name}=...)", repr(choice), "True or False")
    given = {
        "policy": policy,
        "executor": executor,
        "scope": scope,
        "verify": verify,
        "call_sites": call_sites,
    }
    made = Configuration()
    chosen = {key: value for key, value in given.items() if value is not None}
    with _lock:
        _merge((*_settings, (made, chosen)))
    return made


def defaults() -> dict[str, Any]:
    """Return the latest configured value of each, or None. Not to be changed."""
    return _defaults


def _merge(settings: Iterable[tuple[object, dict[str, Any]]]) -> None:
    # When it changes, which is rare, and not for each scope.
    global _settings, _defaults  # noqa: PLW0603 - the defaults are the module's state
    _settings = tuple(settings)
    _defaults = {**_NONE, **{k: v for _, given in _settings for k, v in given.items()}}
