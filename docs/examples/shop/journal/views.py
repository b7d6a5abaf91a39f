"""The page: orders, what to try, and what became of each effect."""

import subprocess
import sys

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from journal.entry import latest_entries
from shop.models import Customer, Order

LATEST = 40
# Every fourth of them comes with an order.
IMPORT_LINES = "\n".join(
    f"C{n},{n}@example.com,{'' if n % 4 else 'mug'}" for n in range(1, 41)
)

# The second is sold out.
LIST_ITEMS = "kettle\nunicorn\nteapot"


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the shop and its journal."""
    entries = latest_entries(LATEST)
    context = {
        "entries": entries,
        "is_busy": any(entry.is_busy for entry in entries),
        "orders": Order.objects.select_related("customer").order_by("-pk")[:LATEST],
        "customer": Customer.objects.order_by("pk").first(),
        "import_lines": IMPORT_LINES,
        "list_items": LIST_ITEMS,
    }
    return render(request, "journal/page.html", context)


# The command is a process of its own: a transaction held open here would keep it out.
@require_POST
@transaction.non_atomic_requests
def release_preorders(request: HttpRequest) -> HttpResponse:
    """Run the management command, with or without --dry-run."""
    command = [sys.executable, "manage.py", "release_preorders"]
    if "dry_run" in request.POST:
        command.append("--dry-run")
    subprocess.run(command, cwd=settings.BASE_DIR, check=True)  # noqa: S603
    return redirect("/#journal")
