"""What the tests in one process share: a Huey in memory, and tasks that record."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from huey import MemoryHuey

huey = MemoryHuey("queued-tasks")
ran: list[Any] = []


@huey.task()
def notify(*args: object, **kwargs: object) -> None:
    """Remember the arguments."""
    ran.append((args, kwargs))


@huey.task(retries=3, retry_delay=5, priority=7, expires=600)
def insist(address: str) -> str:
    """Have defaults that are none of Huey's own."""
    ran.append(address)
    return f"insisted on {address}"


@huey.task(name="shop.invoice")
def invoice(order: int) -> None:
    """Have a name that the function has not."""
    ran.append(order)


def run_all(owner: Any = huey) -> None:
    """Do what a consumer does with the queue, until it is empty."""
    while (message := owner.dequeue()) is not None:
        owner.execute(message)
