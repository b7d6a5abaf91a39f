"""Dispatch options: those that something in Dramatiq reads, and no others."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dramatiq
from airlock import AirlockError, ArgumentError
from dramatiq.brokers.stub import StubBroker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airlock import Intent
    from dramatiq import Actor, Broker

__all__ = ["DramatiqOptionError", "check_options", "delay_of", "refuse_unknown"]

# An option of actors alone: nothing reads it from a message.
_OF_ACTORS = frozenset({"retry_when"})
_OWN = frozenset({"delay", "queue_name"})


class DramatiqOptionError(AirlockError, TypeError):
    """Nothing in Dramatiq would read a dispatch option of that name."""

    def __init__(self, task: str, option: object, known: tuple[str, ...]) -> None:
        super().__init__(task, option, known)

    def __str__(self) -> str:
        task, option, known = self.args
        return (
            f"{task} was enqueued with the dispatch option {option!r}, which Dramatiq "
            f"{dramatiq.__version__} would ignore here. It knows: {', '.join(known)}. "
            f"Correct _dispatch_options, or add the middleware that has the option to "
            f"the broker; what is meant for the task itself is a plain argument."
        )


def check_options(intent: Intent, actor: Actor[Any, Any]) -> None:
    """Raise for the first option that Dramatiq would ignore or cannot use.

    Raises:
        DramatiqOptionError: If nothing would read it.
        ArgumentError: If its value is no delay, or no name of a queue.
    """
    refuse_unknown(intent, _known_options(actor.broker))
    delay_of(intent)
    queue = (intent.dispatch_options or {}).get("queue_name", actor.queue_name)
    if not isinstance(queue, str) or not queue:
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"the option queue_name={queue!r}",
            "the name of a queue, such as 'mail', or leave it out",
        )


def refuse_unknown(intent: Intent, known: Iterable[str]) -> None:
    """Raise for the first option that is not among these.

    Raises:
        DramatiqOptionError: If there is one.
    """
    for option in intent.dispatch_options or ():
        if option not in known:
            raise DramatiqOptionError(intent.name, option, tuple(sorted(known)))


def delay_of(intent: Intent) -> int | None:
    """Return the delay in milliseconds, if there is one.

    Raises:
        ArgumentError: If it is neither a number nor a `timedelta`.
    """
    delay = (intent.dispatch_options or {}).get("delay")
    if isinstance(delay, timedelta):
        return delay // timedelta(milliseconds=1)
    if delay is None:
        return None
    if isinstance(delay, int | float) and not isinstance(delay, bool):
        return int(delay)
    raise ArgumentError(
        f"enqueue({intent.name})",
        f"the option delay={delay!r}",
        "a number of milliseconds, or a timedelta",
    )


def _known_options(broker: Broker) -> frozenset[str]:
    # What its middleware lets an actor declare is what it reads from a message too.
    known = (broker.actor_options | _OWN) - _OF_ACTORS
    # RabbitMQ's alone, and only of queues made for it. A stub stands for any broker.
    if isinstance(broker, StubBroker) or getattr(broker, "max_priority", None):
        known |= {"broker_priority"}
    return frozenset(known)
