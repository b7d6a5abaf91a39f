"""The scope: who decides what leaves the buffer, and how it is dispatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Self, SupportsIndex

from airlock._accounting import Accounting
from airlock._awaitable import at_once
from airlock._context import current_scope
from airlock._dispatch import Progress, adispatch, dispatch
from airlock._errors import ArgumentError, AsyncDispatchError
from airlock._executor import refuse_awaitable, sync_executor
from airlock._gate import Gate
from airlock._policies import AllowAll
from airlock._process import process
from airlock._registry import resolve_executor, resolve_policy
from airlock._report import Mark, Outcome, told
from airlock._state import ACTIVE, ENDED, State
from airlock._warning import warn_of_order

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from types import TracebackType

    from airlock._intent import Executor, Intent
    from airlock._policy import Policy

__all__ = ["Scope"]

_ALLOW_ALL = AllowAll()


class Scope(Gate):
    """Buffer intents until the boundary decides their fate.

    A scope ends exactly once. `flush()` hands the intents its policy allows to
    the executor, in the order they arrived; `discard()` drops them all. As a
    context manager it enters, and on exit does what `should_flush` says; with
    `async with` it awaits what the executor returns.

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
        super().__init__(_ALLOW_ALL if policy is None else resolve_policy(policy))
        self._executor: Executor = (
            sync_executor if executor is None else resolve_executor(executor)
        )
        # Set on a scope that is to prove its effects, which is rare in production.
        self._verifies = False
        self._notes_call_sites = False

    @property
    def executor(self) -> Executor:
        """What dispatches the intents that are enqueued in this scope."""
        return self._executor

    def flush(self) -> list[Intent]:
        """Dispatch the allowed intents and return them.

        Raises:
            ScopeStateError: If the scope is still active, or has already ended.
            AsyncDispatchError: If the executor returns an awaitable.
            ArgumentError: If the class dispatches in its own way, and only in async
                code. It may still be flushed there.
        """
        self._refuse_async_alone()
        leaving = self._prepare()
        if self._intents:
            with Accounting(self._marks, leaving, self._stay):
                self._dispatch_at_once(list(leaving))
        return list(leaving)

    async def aflush(self) -> list[Intent]:
        """Do as `flush()` does, and await what the executor returns, in order.

        Raises:
            ScopeStateError: If the scope is still active, or has already ended.
            ArgumentError: If the class overrides `flush` and not this. It may still be
                flushed in plain code.
        """
        self._refuse_plain_alone()
        leaving = self._prepare()
        if self._intents:
            with Accounting(self._marks, leaving, self._stay):
                await self._adispatch_all(list(leaving))
        return list(leaving)

    def discard(self) -> list[Intent]:
        """Drop all intents and return them.

        Raises:
            ScopeStateError: If the scope is still active, or has already ended.
        """
        return list(self._end("discard", State.DISCARDED))

    def should_flush(self, error: BaseException | None) -> bool:
        """Say whether leaving the `with` block flushes or discards.

        Override it to decide otherwise. If it raises, the scope discards.

        Args:
            error: What the block raised, or None if it ended normally.
        """
        return error is None

    def _dispatch_all(self, intents: list[Intent]) -> None:
        """Dispatch the allowed intents in order; override to defer or batch.

        Called unless nothing was enqueued: also where the policies let nothing leave.

        Whatever an executor raises ends the flush: going on after a failed
        dispatch would hide a broker outage behind a success.
        """
        progress = self._begin(intents)
        try:
            dispatch(progress, self._stay, self._await_dispatch)
        except BaseException as error:
            self._explain(error, progress)
            raise

    def _refuse_async_alone(self) -> None:
        kind = type(self)
        is_plain = kind._dispatch_all is not Scope._dispatch_all
        if is_plain or kind._adispatch_all is Scope._adispatch_all:
            return
        raise ArgumentError(
            f"flush() of {kind.__qualname__}",
            "a class that overrides `_adispatch_all` alone",
            "its effects on in `async with` or `aflush()`, or override `_dispatch_all`",
        )

    def _refuse_plain_alone(self) -> None:
        kind = type(self)
        if kind.flush is Scope.flush or kind.aflush is not Scope.aflush:
            return
        raise ArgumentError(
            f"aflush() of {kind.__qualname__}",
            "a class that overrides `flush` alone",
            "its effects on in `with` or `flush()`, or override `aflush` as well",
        )

    def _dispatch_at_once(self, intents: list[Intent]) -> None:
        # An override may return a coroutine that it made: nobody would await it.
        answer: object = self._dispatch_all(intents)  # type: ignore[func-returns-value]
        at_once(f"{type(self).__qualname__}._dispatch_all()", answer)

    async def _adispatch_all(self, intents: list[Intent]) -> None:
        """Dispatch in order, and await each; a plain `_dispatch_all` override wins."""
        if type(self)._dispatch_all is not Scope._dispatch_all:
            try:
                self._dispatch_at_once(intents)
            except AsyncDispatchError as error:
                name = type(self).__qualname__
                remedy = (
                    f"{name}._dispatch_all is plain: override _adispatch_all as well"
                )
                error.args = (error.args[0], remedy)
                raise
            return
        progress = self._begin(intents)
        try:
            await adispatch(progress, self._stay)
        except BaseException as error:
            self._explain(error, progress)
            raise

    def _await_dispatch(self, intent: Intent, awaitable: Awaitable[object]) -> None:
        """Refuse what an executor returned to be awaited in a plain flush.

        Override it where a plain flush can wait, as in a thread beside a loop.
        """
        refuse_awaitable(intent, awaitable)

    def _begin(self, intents: list[Intent]) -> Progress:
        # Marked before it begins: who asks meanwhile is told how far it got.
        progress = Progress(intents)
        self._marks.append(Mark(Outcome.DISPATCHED, progress))
        return progress

    def _explain(self, error: BaseException, progress: Progress) -> None:
        self._marks.append(Mark(Outcome.FAILED, progress.failed, told(error)))
        self._marks.append(
            Mark(Outcome.NOT_ATTEMPTED, progress.left, "after the failure")
        )
        progress.explain(error)

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse: two scopes would share what one of them dispatches."""
        raise ArgumentError(
            "copy or pickle",
            repr(self),
            "its `intents`, or what makes a scope: one scope settles each effect once",
        )

    def __enter__(self) -> Self:
        is_new = self._state is State.NEW
        try:
            return self.enter()
        except BaseException as failure:
            # An override failed, or a signal handler raised: no exit will follow.
            if is_new and current_scope.get() is self:
                self._settle(failure)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        is_early = False
        try:
            is_early = self._close()
            if self._decide(error):
                self.flush()
        except BaseException as failure:
            self._settle(failure)
            raise
        finally:
            # Last: a warning may be an error, and must not leave the scope open.
            if is_early:
                warn_of_order()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        is_early = False
        try:
            is_early = self._close()
            if self._decide(error):
                await self.aflush()
        except BaseException as failure:
            self._settle(failure)
            raise
        finally:
            if is_early:
                warn_of_order()

    def _settle(self, failure: BaseException) -> None:
        # A signal handler may raise between any two steps of an exit.
        if self._state is ACTIVE:
            self._leave()
        if not self._has_ended():
            self._drop(told(failure))

    def _close(self) -> bool:
        if self._born != process.forks:
            self._void()
        # The body may already have exited through the imperative calls.
        return self._state is ACTIVE and self._leave()

    def _decide(self, error: BaseException | None) -> bool:
        """Discard, or tell that the scope is to be flushed."""
        if self._state in ENDED:
            return False
        place = f"{type(self).__qualname__}.should_flush()"
        if at_once(place, self.should_flush(error), "True or False"):
            return True
        self._drop("should_flush() said no" if error is None else told(error))
        return False

    def _drop(self, reason: str) -> None:
        self.discard()
        self._mark(Outcome.DISCARDED, self._intents, reason)
