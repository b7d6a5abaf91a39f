"""The scope: a buffer of intents, and the life cycle that decides their fate."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Self
from warnings import warn

from airlock._context import current_scope
from airlock._errors import (
    ArgumentError,
    PolicyEnqueueError,
    ScopeClosedError,
    ScopeStateError,
)
from airlock._executor import _execute, sync_executor
from airlock._intent import is_coroutine_function
from airlock._policies import AllowAll
from airlock._region import ask, is_asking
from airlock._registry import resolve_executor, resolve_policy
from airlock._state import ENDED, EXITED_ONCE, SINGLE_USE, State

if TYPE_CHECKING:
    from types import TracebackType

    from airlock._intent import Executor, Intent, Policy

__all__ = ["Scope", "nearest_open"]


class Scope:
    """Buffer intents until the boundary decides their fate.

    A scope ends exactly once. `flush()` hands the intents its policy allows to
    the executor, in the order they arrived; `discard()` drops them all. As a
    context manager it enters, and on exit does what `should_flush` says.

    Args:
        policy: Judges each intent: a policy, or its name or import path.
        executor: Dispatches one allowed intent: a callable, or its name or
            import path. By default tasks run in place.

    Raises:
        PluginError: If the policy or executor is not to be had, or is not one.
    """

    def __init__(
        self,
        policy: Policy | str | None = None,
        *,
        executor: Executor | str | None = None,
    ) -> None:
        self._policy = AllowAll() if policy is None else resolve_policy(policy)
        self._executor: Executor = (
            sync_executor if executor is None else resolve_executor(executor)
        )
        self._intents: list[Intent] = []
        self._state = State.NEW
        self._parent: Scope | None = None
        # Reentrant: a signal handler or finaliser may enqueue while we hold it.
        self._lock = RLock()

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Refuse coroutine functions where nobody would await them."""
        super().__init_subclass__(**kwargs)
        for method in ("should_flush", "_add", "_dispatch_all"):
            if is_coroutine_function(vars(cls).get(method)):
                raise ArgumentError(
                    f"{cls.__qualname__}.{method}()",
                    "`async def`, which nobody awaits",
                    "a plain `def`",
                )

    @property
    def intents(self) -> list[Intent]:
        """Everything enqueued so far, in order, whatever becomes of it: a copy."""
        return list(self._intents)

    @property
    def is_active(self) -> bool:
        """Whether the scope accepts intents now, between `enter` and `exit`."""
        return self._state is State.ACTIVE

    @property
    def is_flushed(self) -> bool:
        """Whether `flush()` was called."""
        return self._state is State.FLUSHED

    @property
    def is_discarded(self) -> bool:
        """Whether `discard()` was called."""
        return self._state is State.DISCARDED

    def enter(self) -> Self:
        """Make this the current scope, to which `enqueue()` adds.

        Raises:
            ScopeStateError: If the scope was entered or ended before.
            PolicyEnqueueError: If called from a policy.
        """
        if is_asking():
            raise PolicyEnqueueError("Scope.enter()")
        with self._lock:
            if self._state is not State.NEW:
                raise ScopeStateError("enter", self._state.value, SINGLE_USE)
            self._state = State.ACTIVE
        self._parent = nearest_open(current_scope.get())
        current_scope.set(self)
        return self

    def exit(self) -> None:
        """Stop accepting intents; the nearest scope around becomes current again.

        Then `flush()` or `discard()` must follow.

        Raises:
            ScopeStateError: If the scope is not active.
        """
        if self._leave():
            _warn_of_order()

    def _leave(self) -> bool:
        """Exit, and tell whether a scope opened inside this one is still active."""
        with self._lock:
            if self._state is not State.ACTIVE:
                raise ScopeStateError("exit", self._state.value, EXITED_ONCE)
            self._state = State.EXITED
        # Cutting closed ancestors off here keeps a chain of tasks, each started
        # in the scope of the one before, from keeping every scope alive.
        self._parent = nearest_open(self._parent)
        # Not Token.reset: that fails in another context, and out of order it
        # would bring a closed scope back.
        current = nearest_open(innermost := current_scope.get())
        current_scope.set(current)
        return current is not None and current is innermost and self in _around(current)

    def flush(self) -> list[Intent]:
        """Dispatch the allowed intents and return them.

        Raises:
            ScopeStateError: If the scope is still active, or has already ended.
        """
        intents = self._end("flush", State.FLUSHED)
        allowed = ask(self._allowed, intents)
        self._dispatch_all(allowed)
        return allowed

    def discard(self) -> list[Intent]:
        """Drop all intents and return them.

        Raises:
            ScopeStateError: If the scope is still active, or has already ended.
        """
        return self._end("discard", State.DISCARDED)

    def should_flush(self, error: BaseException | None) -> bool:
        """Say whether leaving the `with` block flushes or discards.

        Override it to decide otherwise. If it raises, the scope discards.

        Args:
            error: What the block raised, or None if it ended normally.
        """
        return error is None

    def _add(self, intent: Intent) -> None:
        """Accept an intent into the buffer; override to record it elsewhere too.

        Raises:
            ScopeClosedError: If the scope has exited or ended.
        """
        with self._lock:
            if self._state is not State.ACTIVE and self._state is not State.NEW:
                raise ScopeClosedError(intent.name)
            self._intents.append(intent)

    def _allowed(self, intents: list[Intent]) -> list[Intent]:
        allows = self._policy.allows
        return [i for i in intents if i.passes_local_policies() and allows(i)]

    def _dispatch_all(self, intents: list[Intent]) -> None:
        """Dispatch the allowed intents in order; override to defer or batch.

        Whatever an executor raises ends the flush: going on after a failed
        dispatch would hide a broker outage behind a success.
        """
        position = 0
        try:
            for position, intent in enumerate(intents):  # noqa: B007 - read below
                _execute(intent)
        except BaseException as error:
            error.add_note(
                f"airlock: dispatching {intents[position].name} failed, effect "
                f"{position + 1} of {len(intents)}. Dispatched before it: {position}. "
                f"Not attempted: {len(intents) - position - 1}."
            )
            raise

    def _end(self, operation: str, state: State) -> list[Intent]:
        with self._lock:
            if self._state is State.ACTIVE:
                raise ScopeStateError(
                    operation, self._state.value, "Call `exit()` first."
                )
            if self._state in ENDED:
                raise ScopeStateError(operation, self._state.value, SINGLE_USE)
            self._state = state
            return list(self._intents)

    def __enter__(self) -> Self:
        return self.enter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del kind, traceback
        # The body may already have ended the scope through the imperative calls.
        is_early = self._state is State.ACTIVE and self._leave()
        try:
            self._settle(error)
        finally:
            # Last: a warning may be an error, and must not leave the scope open.
            if is_early:
                _warn_of_order()

    def _settle(self, error: BaseException | None) -> None:
        if self._state in ENDED:
            return
        if self._decide(error):
            self.flush()
        else:
            self.discard()

    def _decide(self, error: BaseException | None) -> bool:
        try:
            return self.should_flush(error)
        except BaseException:
            self.discard()
            raise

    def __repr__(self) -> str:
        """Show the class, the number of intents and the state."""
        return (
            f"<{type(self).__name__} with {len(self._intents)} intents, "
            f"{self._state.name.lower()}>"
        )

    def __del__(self) -> None:
        # getattr: a subclass whose __init__ failed never got this far.
        if getattr(self, "_intents", None) and self._state not in ENDED:
            warn(
                f"{self!r} was abandoned: its effects were neither dispatched nor "
                f"dropped on purpose. End every scope with flush() or discard(), "
                f"or use `with`.",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )


def nearest_open(scope: Scope | None) -> Scope | None:
    """Return the scope, or the nearest one around it, that still accepts intents."""
    while scope is not None and not scope.is_active:
        scope = scope._parent
    return scope


def _around(scope: Scope) -> list[Scope]:
    found = []
    parent = scope._parent
    while parent is not None:
        found.append(parent)
        parent = parent._parent
    return found


def _warn_of_order() -> None:
    warn(
        "A scope exited while a scope opened inside it is still active. Both settle, "
        "but effects enqueued from here on go to the inner one: exit scopes in the "
        "reverse order of entering them.",
        RuntimeWarning,
        stacklevel=3,
    )
