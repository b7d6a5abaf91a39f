"""The buffer of a scope: when it accepts intents, and when it has ended.

Everything that threads, tasks and processes can do to one another's scopes is
settled here.
"""

from __future__ import annotations

from _thread import RLock  # `threading.RLock` is a function that calls it.
from typing import TYPE_CHECKING, Self, cast

from airlock._awaitable import is_coroutine_function
from airlock._context import current_scope
from airlock._errors import (
    ArgumentError,
    ForkedScopeError,
    PolicyEnqueueError,
    ScopeClosedError,
    ScopeStateError,
)
from airlock._policies import AllowAll
from airlock._process import process
from airlock._region import is_asking
from airlock._state import (
    ACTIVE,
    ENDED,
    EXITED,
    EXITED_ONCE,
    NEW,
    SINGLE_USE,
    State,
)
from airlock._warning import warn_of_abandonment, warn_of_order

if TYPE_CHECKING:
    from airlock._intent import Intent
    from airlock._policy import Hook, Policy
    from airlock._report import Mark
    from airlock._scope import Scope

__all__ = ["Buffer", "nearest_open"]


# What airlock calls without awaiting it.
_PLAIN = (
    *("enter", "exit", "flush", "discard"),
    *(
        "should_flush",
        "before_descendant_flushes",
        "before_captured_leave",
        "_add",
        "_dispatch_all",
        "_await_dispatch",
    ),
)
_BEFORE_ENTER = (NEW,)
_BEFORE_EXIT = (ACTIVE,)
_BEFORE_END = (NEW, EXITED)


class Buffer:
    """The life cycle of a scope: entered, exited and ended once each."""

    # The state of the classes below is here as well: one `__init__` for each of them
    # would cost more than all that this one does.
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        # Found at the first enqueue: a scope without one does not need them.
        self._hooks: tuple[Hook, ...] | None = None
        self._intents: list[Intent] = []
        self._marks: list[Mark] = []
        # The scope that each captured intent was enqueued in. It also keeps the intent:
        # the identity of one that is gone would be that of a later one.
        self._captured: dict[int, Scope] = {}
        self._state = NEW
        self._parent: Scope | None = None
        self._found_closed = False
        self._born = process.forks
        # Reentrant: a signal handler or finaliser may enqueue while we hold it.
        self._lock = RLock()

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Refuse coroutine functions where nobody would await them."""
        super().__init_subclass__(**kwargs)
        for method in _PLAIN:
            if is_coroutine_function(getattr(cls, method, None)):
                raise ArgumentError(
                    f"{cls.__qualname__}.{method}()",
                    "`async def`, which nobody awaits",
                    "a plain `def`; what is to be awaited belongs in `aflush` or "
                    "`_adispatch_all`",
                )

    @property
    def intents(self) -> list[Intent]:
        """Everything enqueued so far, in order, whatever becomes of it: a copy."""
        return list(self._intents)

    @property
    def is_active(self) -> bool:
        """Whether the scope accepts intents now, between `enter` and `exit`."""
        return self._state is ACTIVE and self._born == process.forks

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
        self._advance("enter", _BEFORE_ENTER, ACTIVE, SINGLE_USE)
        current = current_scope.get()
        self._parent = nearest_open(current)
        # Where a scope was closed from elsewhere nothing is current. That stays so
        # after this one: effects must not slip into a boundary further out.
        self._found_closed = current is not self._parent
        current_scope.set(cast("Scope", self))
        return self

    def exit(self) -> None:
        """Stop accepting intents; the nearest scope around becomes current again.

        Then `flush()` or `discard()` must follow.

        Raises:
            ScopeStateError: If the scope is not active.
        """
        if self._leave():
            warn_of_order()

    def _leave(self) -> bool:
        """Exit, and tell whether a scope opened inside this one is still active."""
        try:
            self._advance("exit", _BEFORE_EXIT, EXITED, EXITED_ONCE)
            return self._step_out()
        except ScopeStateError:
            raise
        except BaseException:
            # A signal handler raised half way: this must not stay current.
            self._step_out()
            raise

    def _step_out(self) -> bool:
        """Make what is around this scope current, if it is the innermost one here.

        Doing so twice does no harm.
        """
        around = self._parent
        is_open_around = around is None or around.is_active
        if current_scope.get() is self and is_open_around and not self._found_closed:
            # As nearly always: what follows would come to the same.
            current_scope.set(around)
            return False
        self._found_closed = _is_closed_around(self)
        # Cutting closed ancestors off here keeps a chain of tasks, each started
        # in the scope of the one before, from keeping every scope alive.
        self._parent = nearest_open(self._parent)
        innermost = current_scope.get()
        # Not `in`, which may find another scope equal.
        if not any(scope is self for scope in _around(innermost)):
            return False
        if innermost is not self and nearest_open(innermost) is innermost:
            return True
        # Not Token.reset: that fails in another context, and out of order it
        # would bring a closed scope back.
        current_scope.set(_closed(self._parent) if self._found_closed else self._parent)
        return False

    def _add(self, intent: Intent) -> None:
        """Accept an intent into the buffer; override to record it elsewhere too.

        If it raises, the intent is not enqueued.

        Raises:
            ScopeClosedError: If the scope has exited or ended, or is the parent
                process's.
        """
        # Asked before the lock, which a thread of the parent process may have held.
        if self._born == process.forks:
            with self._lock:
                # A scope may be filled before it is entered.
                if self._state is ACTIVE or self._state is NEW:
                    self._intents.append(intent)
                    return
        kind = ForkedScopeError if self._is_foreign() else ScopeClosedError
        raise kind(intent.name)

    def _accept(self, intent: Intent) -> None:
        try:
            self._add(intent)
        except BaseException:
            # It may be in the buffer already: an override records it afterwards.
            self._withdraw(intent)
            raise

    def _withdraw(self, intent: Intent) -> None:
        if self._is_foreign():
            return
        with self._lock:
            # What has left meanwhile, in another thread's flush, stays in the account.
            if self._state is ACTIVE or self._state is EXITED:
                self._intents[:] = [i for i in self._intents if i is not intent]

    def _end(self, operation: str, state: State) -> list[Intent]:
        self._advance(
            operation,
            _BEFORE_END,
            state,
            "Call `exit()` first." if self._state is ACTIVE else SINGLE_USE,
        )
        return self._intents

    def _advance(
        self, operation: str, before: tuple[State, ...], after: State, remedy: str
    ) -> None:
        if self._born != process.forks:
            self._void()
            raise ScopeStateError(operation, self._state.value, remedy)
        with self._lock:
            if self._state not in before:
                raise ScopeStateError(operation, self._state.value, remedy)
            self._state = after

    def _void(self) -> None:
        # Without the lock, which a thread of the parent process may have held.
        self._state = State.VOID
        if current_scope.get() is self:
            current_scope.set(self._parent)

    def _stay(self) -> None:
        # A fork in the middle of a flush leaves the rest of it to the parent.
        if self._is_foreign():
            self._void()
            raise ScopeStateError("go on to flush", self._state.value, SINGLE_USE)

    def _has_ended(self) -> bool:
        return self._state in ENDED

    def _is_foreign(self) -> bool:
        return self._born != process.forks

    def __repr__(self) -> str:
        """Show the class, the number of intents and the state."""
        return (
            f"<{type(self).__name__} with {len(self._intents)} intents, "
            f"{self._state.name.lower()}>"
        )

    def __del__(self) -> None:
        # getattr: a subclass whose __init__ failed never got this far.
        has_intents = getattr(self, "_intents", None) and not self._is_foreign()
        if has_intents and not self._has_ended():
            warn_of_abandonment(self)


def nearest_open(scope: Scope | None) -> Scope | None:
    """Return the scope, or the nearest one around it, that still accepts intents."""
    while scope is not None and not scope.is_active:
        scope = scope._parent
    return scope


def _is_closed_around(scope: Buffer) -> bool:
    """Tell whether this scope, or a closed one around it, found its place closed."""
    around: Buffer | None = scope
    while around is not None and not around.is_active:
        if around._found_closed:
            return True
        around = around._parent
    return False


def _closed(parent: Scope | None) -> Scope:
    """Return a closed scope inside this one, for a place where nothing is current."""
    place = Buffer(AllowAll())
    place._state = State.DISCARDED
    place._parent = parent
    return cast("Scope", place)


def _around(scope: Scope | None) -> list[Scope]:
    """Return the scope and those it was opened in, from the inside."""
    found = []
    while scope is not None:
        found.append(scope)
        scope = scope._parent
    return found
