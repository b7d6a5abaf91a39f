"""Fill an empty shop."""

from typing import Any

import airlock
from django.core.management.base import BaseCommand

from shop.models import Customer, Order


class Command(BaseCommand):
    """Make two customers and two orders that wait, and tell nobody."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Save through the models, with all their effects dropped."""
        del args, options
        with airlock.scope(airlock.DropAll()):
            ada = Customer.objects.create(name="Ada", email="ada@example.com")
            grace = Customer.objects.create(name="Grace", email="grace@example.com")
            Order.objects.create(customer=ada, item="teapot")
            Order.objects.create(customer=grace, item="toaster")
