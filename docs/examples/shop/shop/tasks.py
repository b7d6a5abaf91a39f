"""What the consumer runs, in a process of its own."""

import airlock
from django.core.mail import send_mail

from queues.choice import queue
from shop import models


@queue.task
def notify_warehouse(order_id: int, priority: str = "normal") -> str:
    """Tell the warehouse what to pack. The priority is its own, not the queue's."""
    order = models.Order.objects.get(pk=order_id)
    return f"packed a {order.item}, {priority} priority"


@queue.task
def send_confirmation_email(order_id: int) -> str:
    """Write to the customer."""
    order = models.Order.objects.get(pk=order_id)
    to = order.customer.email
    send_mail("Your order", f"A {order.item} is on its way.", "shop@example.com", [to])
    return f"mailed {to}"


# The task saves what its own run was set off by. Its scope ends the circle: no flag
# goes through save(), and every other effect of saving a customer still leaves.
@queue.task
@airlock.scoped(airlock.BlockTasks({"enrich_from_api"}))
def enrich_from_api(customer_id: int) -> str:
    """Complete a customer's profile."""
    customer = models.Customer.objects.get(pk=customer_id)
    customer.interest = "tea" if customer.pk % 2 else "coffee"
    customer.save()
    return f"{customer.name} likes {customer.interest}"
