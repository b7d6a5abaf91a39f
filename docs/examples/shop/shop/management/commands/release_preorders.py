"""Process the orders that wait."""

from argparse import ArgumentParser
from typing import Any

from airlock.integrations.django import airlock_command
from django.core.management.base import BaseCommand
from django.db import transaction

from shop.models import Order


class Command(BaseCommand):
    """Process every order that waits; --dry-run only tells how many."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --dry-run, which `airlock_command` knows too."""
        parser.add_argument("--dry-run", action="store_true")

    @airlock_command
    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Process them in one transaction, and undo that in a dry run."""
        del args, options
        with transaction.atomic():
            waiting = list(Order.objects.filter(status=Order.Status.WAITING))
            for order in waiting:
                order.process()
            transaction.set_rollback(dry_run)
        verb = "would be released" if dry_run else "released"
        self.stdout.write(f"{len(waiting)} orders {verb}")
