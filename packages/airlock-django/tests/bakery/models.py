"""Orders, whose `save` expresses what must follow."""

from __future__ import annotations

from contextlib import suppress

from django.db import models, transaction

import airlock
from bakery.tasks import bake


class Order(models.Model):
    """An order for bread."""

    bread: models.CharField[str, str] = models.CharField(max_length=50)

    class Meta:
        """Named apart, so that no other project's table is meant."""

        app_label = "bakery"

    def __str__(self) -> str:
        return self.bread

    def save(self, *args: object, **kwargs: object) -> None:
        """Store the order; whoever stores one wants it baked."""
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        airlock.enqueue(bake, self.bread)


def order(bread: str, using: str) -> None:
    """Store an order in a database."""
    Order(bread=bread).save(using=using)


def order_unless_bad(bread: str, using: str) -> None:
    """Store an order in a savepoint, which is rolled back if the order is bad."""
    with suppress(ValueError), transaction.atomic(using):
        order(bread, using)
        _check(bread)


def _check(bread: str) -> None:
    if bread == "bad":
        raise ValueError(bread)


def breads(using: str) -> list[str]:
    """Return what is ordered in a database, in order."""
    stored = Order.objects.using(using).order_by("pk")
    return list(stored.values_list("bread", flat=True))
