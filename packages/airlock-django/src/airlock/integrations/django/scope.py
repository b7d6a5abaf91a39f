"""The scope whose effects leave only if their transactions committed."""

from __future__ import annotations

import logging
from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING

from airlock import Outcome, Scope
from airlock.integrations.django.commit import markers_here
from airlock.integrations.django.settings import (
    default_policy,
    task_executor,
    transaction_aliases,
)
from airlock.integrations.django.transaction import Marker, State
from airlock.integrations.django.waiting import Waiting

if TYPE_CHECKING:
    from airlock import Executor, Intent, Policy
    from airlock.integrations.django.transaction import Transaction

logger = logging.getLogger("airlock")

# The scope whose intents the scopes around it are asked to keep.
_leaving: ContextVar[DjangoScope | None] = ContextVar("airlock_leaving", default=None)


class DjangoScope(Scope):
    """Dispatch what a callback of `transaction.on_commit()` would have been run for.

    An intent whose transaction or savepoint was rolled back is dropped. If one of
    their transactions is open at flush, all wait until it has ended. Intents from
    autocommit leave as in any scope. ``AIRLOCK["USE_ON_COMMIT"] = False`` turns this
    off.

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
        self._aliases = transaction_aliases()
        self._markers: dict[int, tuple[Marker, ...]] = {}

    @property
    def rolled_back(self) -> list[Intent]:
        """What was to leave, and was dropped by a rollback, in order."""
        return self.report().of(Outcome.ROLLED_BACK)

    def _add(self, intent: Intent) -> None:
        leaving = _leaving.get()
        if leaving is None:
            markers = markers_here(self._aliases)
        else:
            markers = leaving._markers.get(id(intent), ())  # noqa: SLF001 - its own kind
        if not markers:
            super()._add(intent)
            return
        # Before the intent: another thread may flush at once.
        self._markers[id(intent)] = markers
        try:
            super()._add(intent)
        except BaseException:
            del self._markers[id(intent)]
            raise

    def _choose(self, allowed: list[Intent]) -> list[Intent]:
        return super()._choose(self._drop_rolled_back(allowed))

    def _offer(self, leaving: list[Intent]) -> list[Intent]:
        # A scope around this one that keeps an intent keeps its markers with it.
        token = _leaving.set(self)
        try:
            return super()._offer(leaving)
        finally:
            _leaving.reset(token)

    def _dispatch_all(self, intents: list[Intent]) -> None:
        open_ones = self._open_transactions(intents)
        if not open_ones:
            super()._dispatch_all(intents)
            return
        self._mark(Outcome.WAITING, intents, "for the transaction to commit")
        waiting = Waiting(
            open_ones,
            settle=lambda: self._drop_rolled_back(intents),
            dispatch=super()._dispatch_all,
        )
        waiting.begin()

    def _open_transactions(self, intents: list[Intent]) -> list[Transaction]:
        markers = {m for i in intents for m in self._markers.get(id(i), ())}
        transactions = {marker.transaction for marker in markers}
        return [each for each in transactions if each.state is State.OPEN]

    def _drop_rolled_back(self, intents: list[Intent]) -> list[Intent]:
        """Return the intents whose transactions were not rolled back."""
        if not self._markers:
            return intents
        kept: list[Intent] = []
        dropped: list[Intent] = []
        aliases: set[str] = set()
        for intent in intents:
            undone = [m for m in self._markers.get(id(intent), ()) if m.is_rolled_back]
            aliases.update(marker.transaction.alias for marker in undone)
            (dropped if undone else kept).append(intent)
        if dropped:
            self._tell_rolled_back(dropped, ", ".join(sorted(aliases)))
        return kept

    def _tell_rolled_back(self, dropped: list[Intent], aliases: str) -> None:
        self._mark(
            Outcome.ROLLED_BACK, dropped, f"with its work on the database {aliases}"
        )
        counts = Counter(intent.name for intent in dropped)
        logger.warning(
            "A rollback on the database %s dropped %d effects: %s",
            aliases,
            len(dropped),
            ", ".join(f"{name} ({count})" for name, count in counts.items()),
        )
