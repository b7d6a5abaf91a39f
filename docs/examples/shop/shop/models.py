"""Customers and orders, and what their changes set off."""

from typing import Any

import airlock
from django.db import models

# The module, not its functions: the tasks need the models too.
from shop import tasks


class Customer(models.Model):
    """Somebody who orders."""

    name = models.CharField(max_length=80)
    email = models.EmailField()
    interest = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and have the rest of the profile looked up."""
        super().save(*args, **kwargs)
        airlock.enqueue(tasks.enrich_from_api, self.pk)


class Order(models.Model):
    """One item for one customer. It waits until it is processed."""

    class Status(models.TextChoices):
        """How far an order has come."""

        WAITING = "waiting"
        PROCESSED = "processed"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    item = models.CharField(max_length=80)
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.WAITING
    )

    def __str__(self) -> str:
        return f"order {self.pk}: a {self.item} for {self.customer}"

    def process(self, **wishes: str) -> None:
        """Accept the order: the warehouse, with any wishes, and the customer hear."""
        self.status = self.Status.PROCESSED
        self.save()
        airlock.enqueue(tasks.notify_warehouse, self.pk, **wishes)
        airlock.enqueue(tasks.send_confirmation_email, self.pk)

    @airlock.scoped()
    def repeat(self) -> "Order":
        """Order the same again, in a scope of its own: a shell has none around it."""
        again = Order.objects.create(customer=self.customer, item=self.item)
        again.process()
        return again
