"""The scope that keeps the journal."""

import airlock
from airlock.integrations.django import DjangoScope

from journal.hooks import last_queued
from journal.models import Boundary, Effect, call_text
from journal.origin import origin


class JournalScope(DjangoScope):
    """Write down the fate of each intent.

    The middleware sets `verdict` before the scope ends.
    """

    verdict = ""

    def __init__(
        self,
        policy: airlock.Policy | str | None = None,
        *,
        executor: airlock.Executor | str,
    ) -> None:
        self._effects: dict[airlock.Intent, Effect] = {}
        self._send = airlock.resolve_executor(executor)
        super().__init__(policy, executor=self._send_and_note)

    def discard(self) -> list[airlock.Intent]:
        """Drop all intents, and note that."""
        discarded = super().discard()
        self._note([], Effect.Fate.DISCARDED)
        return discarded

    def _dispatch_all(self, intents: list[airlock.Intent]) -> None:
        self._note(intents, Effect.Fate.DROPPED)
        super()._dispatch_all(intents)

    def _note(self, allowed: list[airlock.Intent], otherwise: Effect.Fate) -> None:
        if not self.intents:
            return
        boundary = Boundary.objects.create(
            origin=origin.get(), verdict=self.verdict, flushed=self.is_flushed
        )
        for intent in self.intents:
            fate = Effect.Fate.ALLOWED if intent in allowed else otherwise
            self._effects[intent] = Effect.objects.create(
                boundary=boundary,
                call=call_text(intent.name, intent.args, intent.kwargs),
                fate=fate,
                dropped_by=self._refuser(intent) if fate == "dropped" else "",
            )

    def _refuser(self, intent: airlock.Intent) -> str:
        """Name the policy that refused, asking in the order in which airlock asks."""
        asked = (*reversed(intent.local_policies), self._policy)
        return next(type(p).__name__ for p in asked if not p.allows(intent))

    def _send_and_note(self, intent: airlock.Intent) -> object:
        result = self._send(intent)
        effect = self._effects[intent]
        effect.fate, effect.queue_id = Effect.Fate.SENT, last_queued.get()
        effect.save()
        return result
