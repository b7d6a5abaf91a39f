"""The scope: who decides what leaves the buffer, and how it is dispatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from airlock._account import Account
from airlock._buffer import nearest_open, warn_of_order
from airlock._dispatch import Progress, adispatch, dispatch
from airlock._errors import ArgumentError, AsyncDispatchError, ScopeClosedError
from airlock._executor import sync_executor
from airlock._policies import AllowAll
from airlock._region import ask
from airlock._registry import resolve_executor, resolve_policy
from airlock._report import Accounting, Mark, Outcome, told
from airlock._state import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from airlock._intent import Executor, Intent, Policy

__all__ = ["Scope"]


class Scope(Account):
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

    # Set on a scope that is to prove its effects, which is rare in production.
    _verifies = False
    _notes_call_sites = False

    def __init__(
        self,
        policy: Policy | str | None = None,
        *,
        executor: Executor | str | None = None,
    ) -> None:
        super().__init__()
        self._policy = AllowAll() if policy is None else resolve_policy(policy)
        self._executor: Executor = (
            sync_executor if executor is None else resolve_executor(executor)
        )
        self._captured: set[int] = set()

    @property
    def executor(self) -> Executor:
        """What dispatches the intents that are enqueued in this scope."""
        return self._executor

    def flush(self) -> list[Intent]:
        """Dispatch the allowed intents and return them.

        Raises:
            ScopeStateError: If the scope is still active, or has already ended.
            AsyncDispatchError: If the executor returns an awaitable.
        """
        leaving = self._prepare()
        with Accounting(self._marks, leaving):
            self._dispatch_all(leaving)
        return leaving

    async def aflush(self) -> list[Intent]:
        """Do as `flush()` does, and await what the executor returns, in order.

        Raises:
            ScopeStateError: If the scope is still active, or has already ended.
        """
        leaving = self._prepare()
        with Accounting(self._marks, leaving):
            await self._adispatch_all(leaving)
        return leaving

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

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Say which intents of a scope inside this one may leave now.

        Called when that scope flushes, after its policy has judged, from the
        nearest scope around it to the outermost. What is not returned stays in
        this scope's buffer, with the executor it was enqueued under.

        Args:
            exiting_scope: The scope that flushes.
            intents: What is about to leave it, in order.
        """
        del exiting_scope
        return intents

    def _prepare(self) -> list[Intent]:
        """End the scope; return what its policy and the scopes around it let go."""
        intents = self._end("flush", State.FLUSHED)
        try:
            return self._offer(self._choose(ask(self._judge, intents)))
        except BaseException as error:
            self._marks.insert(0, Mark(Outcome.NOT_ATTEMPTED, intents, told(error)))
            raise

    def _choose(self, allowed: list[Intent]) -> list[Intent]:
        """Choose among what the policies allow; stock subclasses leave some out."""
        return allowed

    def _offer(self, leaving: list[Intent]) -> list[Intent]:
        outer = nearest_open(self._parent)
        while outer is not None and leaving:
            leaving = outer._retain(self, leaving)
            outer = nearest_open(outer._parent)
        return leaving

    def _judge(self, intents: list[Intent]) -> list[Intent]:
        allowed: list[Intent] = []
        blocked: dict[str, list[Intent]] = {}
        for intent in intents:
            refusing = self._refusing(intent)
            if refusing is None:
                allowed.append(intent)
                continue
            if refusing not in blocked:
                blocked[refusing] = []
                self._mark(Outcome.BLOCKED, blocked[refusing], refusing)
            blocked[refusing].append(intent)
        return allowed

    def _refusing(self, intent: Intent) -> str | None:
        # What came from a scope inside this one has passed its local policies there.
        if id(intent) not in self._captured:
            for policy in reversed(intent.local_policies):
                if not policy.allows(intent):
                    return f"by {type(policy).__name__}, a policy() around the enqueue"
        if self._policy.allows(intent):
            return None
        return f"by {type(self._policy).__name__}, the scope's policy"

    def _retain(self, exiting: Scope, intents: list[Intent]) -> list[Intent]:
        """Keep what may not leave a scope inside this one yet; return the rest."""
        chosen = self.before_descendant_flushes(exiting, list(intents))
        leaving = {id(intent) for intent in chosen or ()}
        kept = [intent for intent in intents if id(intent) not in leaving]
        if chosen is None or len(kept) + len(leaving) != len(intents):
            raise ArgumentError(
                f"{type(self).__qualname__}.before_descendant_flushes()",
                "no list, or one with intents that it was not asked about, to return",
                "back those that may leave, as a list that may be empty",
            )
        captured: list[Intent] = []
        # Marked first, and filled as it goes: an override of `_add` may raise.
        by = f"by the {type(self).__name__} around it"
        exiting._mark(Outcome.CAPTURED, captured, by)
        for intent in kept:
            try:
                self._add(intent)
            except ScopeClosedError:
                # Closed meanwhile by another thread: what it cannot keep may leave.
                break
            self._captured.add(id(intent))
            captured.append(intent)
        gone = {id(intent) for intent in captured}
        return [intent for intent in intents if id(intent) not in gone]

    def _dispatch_all(self, intents: list[Intent]) -> None:
        """Dispatch the allowed intents in order; override to defer or batch.

        Whatever an executor raises ends the flush: going on after a failed
        dispatch would hide a broker outage behind a success.
        """
        progress = self._begin(intents)
        try:
            dispatch(progress, self._stay)
        except BaseException as error:
            self._explain(error, progress)
            raise

    async def _adispatch_all(self, intents: list[Intent]) -> None:
        """Dispatch in order, and await each; a plain `_dispatch_all` override wins."""
        if type(self)._dispatch_all is not Scope._dispatch_all:
            try:
                self._dispatch_all(intents)
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

    def _begin(self, intents: list[Intent]) -> Progress:
        # Marked before it begins: who asks meanwhile is told how far it got.
        progress = Progress(intents)
        self._marks.append(Mark(Outcome.DISPATCHED, progress))
        return progress

    def _explain(self, error: BaseException, progress: Progress) -> None:
        failed = progress.done
        others = progress.intents[failed + 1 :]
        self._mark(Outcome.FAILED, progress.intents[failed : failed + 1], told(error))
        self._mark(Outcome.NOT_ATTEMPTED, others, "after the failure")
        progress.explain(error)

    def __enter__(self) -> Self:
        return self.enter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        is_early = self._close()
        try:
            if self._decide(error):
                self.flush()
        finally:
            # Last: a warning may be an error, and must not leave the scope open.
            if is_early:
                warn_of_order()

    async def __aenter__(self) -> Self:
        return self.enter()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        is_early = self._close()
        try:
            if self._decide(error):
                await self.aflush()
        finally:
            if is_early:
                warn_of_order()

    def _close(self) -> bool:
        if self._is_foreign():
            self._void()
        # The body may already have exited through the imperative calls.
        return self._state is State.ACTIVE and self._leave()

    def _decide(self, error: BaseException | None) -> bool:
        """Discard, or tell that the scope is to be flushed."""
        if self._has_ended():
            return False
        try:
            if self.should_flush(error):
                return True
        except BaseException as failure:
            self._drop(told(failure))
            raise
        self._drop("should_flush() said no" if error is None else told(error))
        return False

    def _drop(self, reason: str) -> None:
        self.discard()
        self._mark(Outcome.DISCARDED, self._intents, reason)
