"""Count what there is, in a command that knows nothing of scopes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

import airlock
from bakery.models import Order
from bakery.tasks import deliver

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Order rye, and end in the way asked for."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the way to end."""
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--exit", type=int)
        parser.add_argument("--crash", action="store_true")
        parser.add_argument("--call")
        parser.add_argument("--own-scope", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        """Order, then end."""
        del args
        Order.objects.create(bread="rye")
        if options["call"]:
            call_command(options["call"])
        if options["own_scope"]:
            with airlock.scope():
                airlock.enqueue(deliver, "spelt")
        if options["crash"]:
            raise RuntimeError("oven on fire")
        if options["exit"] is not None:
            sys.exit(options["exit"])
