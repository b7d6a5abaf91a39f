"""What the page shows of one scope."""

from collections import Counter
from dataclasses import dataclass

import airlock

from journal.models import Boundary, Effect, Run

LONG = 6


@dataclass(frozen=True, slots=True)
class Row:
    """An effect, and its run in the consumer if there was one."""

    effect: Effect
    run: Run | None
    delay: float

    @property
    def is_pending(self) -> bool:
        """Whether the consumer has yet to finish it."""
        is_done = self.run is not None and self.run.ended_at is not None
        return bool(self.effect.queue_id) and not is_done


@dataclass(frozen=True, slots=True)
class Entry:
    """A scope that ended, with its effects."""

    boundary: Boundary
    rows: list[Row]

    @property
    def is_busy(self) -> bool:
        """Whether the page will have changed in a moment."""
        return any(row.is_pending for row in self.rows)

    @property
    def is_long(self) -> bool:
        """Whether the rows are better folded away."""
        return len(self.rows) > LONG

    @property
    def counts(self) -> list[str]:
        """How many effects were buffered, and what became of how many."""
        counts = Counter(row.effect.outcome for row in self.rows)
        run = sum(row.run is not None for row in self.rows)
        told = [f"{len(self.rows)} buffered"]
        outcomes = [outcome.value for outcome in airlock.Outcome]
        told += [f"{counts[name]} {name}" for name in outcomes if counts[name]]
        return [*told, f"{run} run"]


def latest_entries(limit: int) -> list[Entry]:
    """Return the newest entries, newest first."""
    boundaries = Boundary.objects.prefetch_related("effects").order_by("-pk")[:limit]
    queued = Effect.objects.filter(boundary__in=[b.pk for b in boundaries])
    ids = queued.exclude(queue_id="").values_list("queue_id", flat=True)
    runs = {run.queue_id: run for run in Run.objects.filter(queue_id__in=list(ids))}
    return [
        Entry(boundary, [_row(effect, runs) for effect in boundary.effects.all()])
        for boundary in boundaries
    ]


def _row(effect: Effect, runs: dict[str, Run]) -> Row:
    run = runs.get(effect.queue_id)
    left_at = effect.sent_at or effect.boundary.at
    delay = (run.started_at - left_at).total_seconds() if run else 0
    return Row(effect, run, delay)
