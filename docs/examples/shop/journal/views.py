"""The page: orders, what to try, and what became of each effect."""

import subprocess
import sys

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from journal.models import Boundary, Effect, Run
from shop.models import Customer, Order

LATEST = 40


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the shop and its journal."""
    boundaries = Boundary.objects.prefetch_related("effects").order_by("-pk")[:LATEST]
    entries = [Entry(boundary) for boundary in boundaries]
    return render(
        request,
        "journal/page.html",
        {
            "entries": entries,
            "is_busy": any(entry.is_busy for entry in entries),
            "orders": Order.objects.select_related("customer").order_by("-pk"),
            "customers": Customer.objects.order_by("pk"),
        },
    )


# A command is a process of its own and must see, and change, what is committed.
@require_POST
@transaction.non_atomic_requests
def release_preorders(request: HttpRequest) -> HttpResponse:
    """Run the management command, with or without --dry-run."""
    command = [sys.executable, "manage.py", "release_preorders"]
    if "dry_run" in request.POST:
        command.append("--dry-run")
    subprocess.run(command, cwd=settings.BASE_DIR, check=True)  # noqa: S603
    return redirect("/")


class Entry:
    """A boundary with its effects, each with its run in the consumer."""

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary
        effects = list(boundary.effects.all())
        runs = Run.objects.in_bulk([e.queue_id for e in effects], field_name="queue_id")
        self.effects = [(effect, runs.get(effect.queue_id)) for effect in effects]

    @property
    def is_busy(self) -> bool:
        """Whether the consumer has yet to finish one of the effects."""
        return any(
            effect.fate == Effect.Fate.SENT and (run is None or run.ended_at is None)
            for effect, run in self.effects
        )
