"""The scope whose effects leave only if their transactions committed."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync, sync_to_async

from airlock import ArgumentError, AsyncDispatchError, Outcome, Scope
from airlock.integrations.django.commit import markers_here
from airlock.integrations.django.failure import log, tell
from airlock.integrations.django.naming import counted
from airlock.integrations.django.outlasting import never, outlast
from airlock.integrations.django.settings import (
    default_policy,
    raises_dispatch_errors,
    task_executor,
    transaction_aliases,
)
from airlock.integrations.django.transaction import State
from airlock.integrations.django.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from airlock import Executor, Intent, Policy
    from airlock.integrations.django.transaction import Marker, Transaction

    # A marker for each transaction that was open at an enqueue.
    Place = tuple[Marker, ...]

logger = logging.getLogger("airlock")

LATE_REMEDY = "Let the transaction commit before the scope ends"


class DjangoScope(Scope):
    """Dispatch what a callback of `transaction.on_commit()` would have been run for.

    An intent whose transaction or savepoint was rolled back is dropped. If one of
    their transactions is open at flush, all wait until it has ended. Intents from
    autocommit leave as in any scope. ``AIRLOCK["USE_ON_COMMIT"] = False`` turns this
    off. ``AIRLOCK["ON_DISPATCH_ERROR"]`` says whether a dispatch that fails raises.

    Args:
        policy: Judges each intent. By default ``AIRLOCK["DEFAULT_POLICY"]``.
        executor: Dispatches each intent. By default ``AIRLOCK["TASK_BACKEND"]``.

    Raises:
        ImproperlyConfigured: If a setting that is needed is wrong.
        PluginError: If a given policy or executor is not to be had.
    """

    def __init__(
        self,
        policy: Policy | str | None = None,
        *,
        executor: Executor | str | None = None,
    ) -> None:
        super().__init__(
            default_policy() if policy is None else policy,
            executor=task_executor() if executor is None else executor,
        )
        self._raises_errors = raises_dispatch_errors()
        self._has_loop = False
        self._is_late = False
        self._aliases = transaction_aliases()
        # By the intent, which is kept: the identity of one that was refused would be
        # that of a later one.
        self._markers: dict[Intent, Place] = {}
        # All of them, once each: asked about as a whole where all is well.
        self._places: set[Place] = set()
        self._place: Place = ()

    def __init_subclass__(cls) -> None:
        """Refuse an override that is never called."""
        super().__init_subclass__()
        if cls._adispatch_all is not Scope._adispatch_all:  # noqa: SLF001 - for overrides
            raise ArgumentError(
                f"class {cls.__qualname__}",
                "`_adispatch_all`, which a DjangoScope does not call",
                "`_dispatch_all` instead: async code calls it in the thread for sync "
                "code, and awaits what executors return",
            )

    @property
    def rolled_back(self) -> list[Intent]:
        """What was to leave, and was dropped by a rollback, in order."""
        return self.report().of(Outcome.ROLLED_BACK)

    async def aflush(self) -> list[Intent]:
        """Do as `flush()` does, in the thread where Django runs sync code.

        Database connections are there, and executors and policies may use them. What
        an executor returns is awaited on the loop, unless it waited for a transaction.
        """
        if not self.intents:
            # Most requests: they need no thread.
            return self.flush()
        self._has_loop = True
        # Cancelled half way, it would leave some effects of what is committed behind.
        return await outlast(sync_to_async(self.flush)(), never)

    def _await_dispatch(self, intent: Intent, awaitable: Awaitable[object]) -> None:
        if self._has_loop and not self._is_late:
            async_to_sync(_awaited)(awaitable)
            return
        try:
            super()._await_dispatch(intent, awaitable)
        except AsyncDispatchError as error:
            if self._is_late:
                error.args = (error.args[0], LATE_REMEDY)
            raise

    def _add(self, intent: Intent) -> None:
        origin = self._captured.get(id(intent)) if self._captured else None
        if isinstance(origin, DjangoScope):
            markers = origin._markers.get(intent, ())  # noqa: SLF001 - its own kind
        else:
            markers = markers_here(self._aliases)
        if not markers:
            super()._add(intent)
            return
        if markers is not self._place:
            self._place = markers
            self._places.add(markers)
        # Before the intent: another thread may flush at once.
        self._markers[intent] = markers
        super()._add(intent)

    def _choose(self, allowed: list[Intent]) -> list[Intent]:
        return super()._choose(self._drop_rolled_back(allowed))

    def before_captured_leave(
        self, keeping_scope: Scope, intents: list[Intent]
    ) -> list[Intent]:
        """Let go of what is committed; drop, or wait for, the rest."""
        if isinstance(keeping_scope, DjangoScope):
            # It has their markers, and has seen to that.
            return intents
        rest = self._drop_rolled_back(intents)
        if not self._open_transactions(rest):
            return rest
        self._dispatch_all(rest)
        return []

    def _dispatch_all(self, intents: list[Intent]) -> None:
        open_ones = self._open_transactions(intents)
        if not open_ones:
            # Another thread may have rolled back since they were chosen.
            self._dispatch_committed(self._drop_rolled_back(intents))
            return
        self._is_late = True
        self._mark(Outcome.WAITING, intents, "for the transaction to commit")
        waiting = Waiting(
            open_ones,
            settle=lambda: self._drop_rolled_back(intents),
            dispatch=self._dispatch_committed,
            report=partial(log, self),
            give_up=partial(self._give_up, intents),
        )
        waiting.begin()

    def _give_up(self, intents: list[Intent]) -> None:
        # Nobody told how the transaction ended, or telling of a rollback has failed.
        why = "nobody could tell how the transaction ended"
        self._mark(Outcome.NOT_ATTEMPTED, intents, why)
        log(self, None)

    def _dispatch_committed(self, intents: list[Intent]) -> None:
        try:
            super()._dispatch_all(intents)
        except Exception as error:
            if self._raises_errors:
                raise
            tell(self, error)

    def _open_transactions(self, intents: list[Intent]) -> set[Transaction]:
        # A copy: another thread may add one, though its intent comes too late.
        open_places = {
            place
            for place in tuple(self._places)
            if any(marker.transaction.state is State.OPEN for marker in place)
        }
        if open_places:
            # Not for those of intents that a policy blocked.
            open_places &= {self._markers.get(intent, ()) for intent in intents}
        found = {marker.transaction for place in open_places for marker in place}
        return {each for each in found if each.state is State.OPEN}

    def _drop_rolled_back(self, intents: list[Intent]) -> list[Intent]:
        """Return the intents whose transactions were not rolled back."""
        if not self._places:
            return intents
        places = tuple(self._places)
        undone = {each for each in places if any(m.is_rolled_back for m in each)}
        if not undone:
            return intents
        dropped = [i for i in intents if self._markers.get(i) in undone]
        if dropped:
            lost = [m for i in dropped for m in self._markers[i]]
            aliases = {m.transaction.alias for m in lost if m.is_rolled_back}
            self._tell_rolled_back(dropped, ", ".join(sorted(aliases)))
        return [i for i in intents if self._markers.get(i) not in undone]

    def _tell_rolled_back(self, dropped: list[Intent], aliases: str) -> None:
        self._mark(
            Outcome.ROLLED_BACK, dropped, f"with its work on the database {aliases}"
        )
        logger.warning(
            "A rollback on the database %s dropped %d effects: %s",
            aliases,
            len(dropped),
            counted(dropped),
        )


async def _awaited(awaitable: Awaitable[object]) -> None:
    await awaitable


def rolled_back_with(scope: Scope | None, intent: Intent) -> str:
    """Name what was rolled back around an enqueue: a savepoint, a transaction or ""."""
    if not isinstance(scope, DjangoScope):
        return ""
    markers = scope._markers.get(intent, ())  # noqa: SLF001 - its own module
    if any(marker.was_undone for marker in markers):
        return "savepoint"
    return "transaction" if any(marker.is_rolled_back for marker in markers) else ""
