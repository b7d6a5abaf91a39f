"""The scope that keeps the journal."""

import airlock
from airlock.integrations.django import DjangoScope
from django.utils import timezone

from journal.hooks import last_queued
from journal.models import Boundary, Effect, call_text
from journal.origin import origin


class JournalScope(DjangoScope):
    """Write down what became of each intent.

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
        self._open_entry()
        self._note()
        return discarded

    def _dispatch_all(self, intents: list[airlock.Intent]) -> None:
        self._open_entry()
        try:
            super()._dispatch_all(intents)
        finally:
            self._note()

    def _open_entry(self) -> None:
        if not self.intents:
            return
        boundary = Boundary.objects.create(
            origin=origin.get(), verdict=self.verdict, flushed=self.is_flushed
        )
        for intent in self.intents:
            call = call_text(intent.name, intent.args, intent.kwargs)
            self._effects[intent] = Effect.objects.create(boundary=boundary, call=call)

    def _note(self) -> None:
        for intent, outcome, reason in self.report().fates:
            effect = self._effects[intent]
            effect.outcome, effect.reason = outcome.value, reason
            effect.save()

    def _send_and_note(self, intent: airlock.Intent) -> object:
        effect = self._effects[intent]
        effect.sent_at = timezone.now()
        last_queued.set("")
        result = self._send(intent)
        # Here, because nothing else is called after the commit.
        effect.outcome, effect.reason = airlock.Outcome.DISPATCHED.value, ""
        effect.queue_id = last_queued.get()
        effect.save()
        return result
