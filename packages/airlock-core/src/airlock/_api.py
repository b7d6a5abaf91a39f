"""What application code calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar, overload

from airlock._awaitable import at_once
from airlock._config import defaults
from airlock._context import current_region, current_scope
from airlock._errors import (
    AirlockError,
    ArgumentError,
    ForkedScopeError,
    NoScopeError,
    NotATaskError,
    PluginTypeError,
    PolicyEnqueueError,
    ScopeClosedError,
)
from airlock._intent import hook_name, make_intent
from airlock._name import task_name
from airlock._process import process
from airlock._region import LocalPolicy, ask, exits, in_force, is_asking
from airlock._registry import resolve_policy, resolve_scope
from airlock._scope import Scope
from airlock._state import ACTIVE, ENDED
from airlock._verify import verify as verify_intent

if TYPE_CHECKING:
    from airlock._intent import Executor
    from airlock._policy import Policy

__all__ = ["enqueue", "get_current_scope", "policy", "scope"]

P = ParamSpec("P")
S = TypeVar("S", bound=Scope)
Options: TypeAlias = Mapping[str, Any] | None


# A parameter between *args: P.args and **kwargs: P.kwargs is outside PEP 612.
# Pyright checks calls of it all the same; what mypy reads is in _signature.pyi.
def enqueue(  # type: ignore[valid-type]
    task: Callable[P, Any],
    /,
    *args: P.args,
    _origin: str | None = None,  # pyright: ignore[reportGeneralTypeIssues]
    _dispatch_options: Options = None,  # pyright: ignore[reportGeneralTypeIssues]
    **kwargs: P.kwargs,
) -> None:
    """Buffer an effect in the current scope, to leave when the scope flushes.

    Args:
        task: What to execute: a function, or a queue's task object.
        *args: Its positional arguments, kept by reference.
        _origin: Free text telling where the effect comes from.
        _dispatch_options: Options for the executor, such as a countdown.
        **kwargs: Its keyword arguments.

    Raises:
        NoScopeError: If no scope is active; `ScopeClosedError` if it has ended.
        PolicyEnqueueError: If called from a policy.
        NotATaskError: If `task` is no task, such as the result of calling one.
        ArgumentError: If `_dispatch_options` is no mapping.
        TaskArgumentsError: If the scope verifies, and the task does not take them.
        PolicyViolation: If a policy refuses the effect. It is not buffered.
    """
    if not callable(task):
        _check_task(task)
    if _dispatch_options is not None and not isinstance(_dispatch_options, Mapping):
        raise ArgumentError(
            f"enqueue({task_name(task)})",
            f"_dispatch_options={_dispatch_options!r}",
            "a mapping of option names to values, such as {'countdown': 60}",
        )
    scope = current_scope.get()
    # What `is_active` says, without the cost of asking a property.
    if scope is None or scope._state is not ACTIVE or scope._born != process.forks:
        raise _no_scope(task, scope)
    region = in_force() if exits.any_elsewhere else current_region.get()
    policies, hooks, _ = region
    about = None
    if _origin is not None or _dispatch_options is not None or scope._notes_call_sites:
        call_site = _caller() if scope._notes_call_sites else None
        about = _origin, _dispatch_options, call_site
    intent = make_intent(task, args, kwargs, policies, scope._executor, about)
    if scope._verifies:
        verify_intent(intent)
    own = scope._find_hooks() if scope._hooks is None else scope._hooks
    if hooks or own:
        for hook in (*hooks, *own):
            answer = ask(hook, intent)
            if answer is not None:
                at_once(hook_name(hook), answer)
    try:
        scope._add(intent)
    except BaseException:
        # It may be in the buffer already: an override records it afterwards.
        scope._withdraw(intent)
        raise


def _caller() -> str | None:
    try:
        frame = sys._getframe(2)
    except ValueError:  # pragma: no cover - coverage does not see such a thread
        # A thread or greenlet that runs nothing but the enqueue.
        return None
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _no_scope(task: object, closed: Scope | None) -> AirlockError:
    # A policy is asked at flush too, when its scope has exited.
    if is_asking():
        return PolicyEnqueueError(f"enqueue({task_name(task)})")
    if closed is None:
        return NoScopeError(task_name(task))
    is_foreign = closed._is_foreign() and closed._state not in ENDED
    kind = ForkedScopeError if is_foreign else ScopeClosedError
    return kind(task_name(task))


def _check_task(task: object) -> None:
    # Only what is certainly a mistake: a queue's message need not be callable.
    if task is None or isinstance(task, str | bytes | int | float):
        raise NotATaskError(
            repr(task),
            "Pass the task and its arguments apart: enqueue(send, 1), not "
            "enqueue(send(1)), and the task itself, not its name.",
        )
    if hasattr(type(task), "__await__"):
        close = getattr(task, "close", None)
        if close is not None:
            close()
        raise NotATaskError(
            f"an awaitable, {type(task).__name__}",
            "Pass the coroutine function and its arguments apart: "
            "enqueue(send, 1), not enqueue(send(1)).",
        )


@overload
def scope(
    policy: Policy | str | None = None,
    *,
    executor: Executor | str | None = None,
    verify: bool | None = None,
    _cls: Callable[..., S],
) -> S: ...
@overload
def scope(
    policy: Policy | str | None = None,
    *,
    executor: Executor | str | None = None,
    verify: bool | None = None,
    _cls: str | None = None,
) -> Scope: ...
def scope(
    policy: Policy | str | None = None,
    *,
    executor: Executor | str | None = None,
    verify: bool | None = None,
    _cls: Callable[..., Scope] | str | None = None,
) -> Scope:
    """Return a new scope, to be used in a `with` statement.

    Everything may be given as an entry-point name or as an import path. What is
    left out comes from `configure()`, or else from the scope class.

    Args:
        policy: Judges each intent. By default everything may leave.
        executor: Dispatches each intent. By default tasks run in place.
        verify: Raise at the enqueue whose arguments do not fit the task's signature,
            or cannot be carried by the executor.
        _cls: The scope class, or a callable ``(policy, *, executor)`` that makes
            a scope. By default `Scope`.

    Raises:
        PluginError: If one of them is not to be had, or is not of its kind.
        ArgumentError: If `verify` is neither True nor False.
    """
    if verify is not None and not isinstance(verify, bool):
        raise ArgumentError("scope(verify=...)", repr(verify), "True or False")
    default = defaults()
    chosen = default["scope"] if _cls is None else _cls
    make = Scope if chosen is None else resolve_scope(chosen)
    made = make(
        default["policy"] if policy is None else policy,
        executor=default["executor"] if executor is None else executor,
    )
    if not isinstance(made, Scope):
        raise PluginTypeError("scope", repr(made), f"{make!r} to make a scope")
    # What nobody has chosen is left to the class, or to what has made the scope.
    verifies = default["verify"] if verify is None else verify
    if verifies is not None:
        made._verifies = verifies
    if default["call_sites"] is not None:
        made._notes_call_sites = default["call_sites"]
    return made


def policy(p: Policy | str) -> LocalPolicy:
    """Judge what is enqueued in a region of code, without a buffer of its own.

    Use it in a `with` statement. Its policy is captured on each intent and asked
    at flush, after those of regions further inside and before the scope's.

    Args:
        p: The policy, or its name or import path.

    Raises:
        PluginError: If it is not to be had, or is not a policy.
    """
    return LocalPolicy(resolve_policy(p))


def get_current_scope() -> Scope | None:
    """Return the active scope that `enqueue()` would add to, or None."""
    scope = current_scope.get()
    return scope if scope is not None and scope.is_active else None
