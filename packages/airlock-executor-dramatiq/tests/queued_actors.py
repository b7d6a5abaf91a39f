"""What the tests in one process share: a broker in memory, and actors that record."""

# Some of Dramatiq is untyped.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Callbacks, Pipelines

if TYPE_CHECKING:
    from collections.abc import Callable

    from dramatiq import Broker, Message

# No threads of a middleware in the process of the tests.
broker = StubBroker(middleware=[Pipelines(), Callbacks()])
dramatiq.set_broker(broker)
ran: list[Any] = []


@dramatiq.actor
def notify(*args: Any, **kwargs: Any) -> None:
    """Remember the arguments."""
    ran.append((args, kwargs))


@dramatiq.actor(actor_name="shop.invoice", queue_name="invoices")
def invoice(order: int) -> str:
    """Have a name that the function has not, and a queue of its own."""
    ran.append(order)
    return f"invoice for {order}"


@dramatiq.actor
async def greet(name: str) -> None:
    """Need an event loop."""
    await asyncio.sleep(0)
    ran.append(name)


class Report(dramatiq.GenericActor):
    """Be an actor by class."""

    class Meta:
        """Take the defaults."""

    def perform(self, month: str) -> None:
        """Remember the argument."""
        ran.append(month)


def declare(function: Callable[..., Any], owner: Broker, **options: Any) -> Any:
    """Return a function as an actor of a broker; some have no types that fit."""
    return dramatiq.actor(broker=owner, **{"actor_name": "task", **options})(function)


def queued(owner: Broker = broker, queue: str = "default") -> list[Message[Any]]:
    """Take all messages that are ready, or whose time has not come, from the queue."""
    found: list[Message[Any]] = []
    for name in (queue, f"{queue}.DQ"):
        consumer = owner.consume(name, prefetch=100, timeout=10)
        while (message := next(consumer)) is not None:
            consumer.ack(message)
            found.append(message._message)
        consumer.close()
    return found


def run_all(owner: Broker = broker, queue: str = "default") -> None:
    """Do what a worker does with the queue, until it is empty."""
    while messages := queued(owner, queue):
        for message in messages:
            owner.get_actor(message.actor_name)(*message.args, **message.kwargs)
