"""Dispatch options: those that something in Dramatiq reads, and no others."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

import dramatiq
from airlock import AirlockError, ArgumentError
from airlock.integrations.executors.dramatiq.actor import actor_of
from dramatiq.brokers.stub import StubBroker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airlock import Intent
    from dramatiq import Actor, Broker, Message

__all__ = [
    "DramatiqOptionError",
    "check_callbacks",
    "check_delay",
    "delay_of",
    "options_of",
    "refuse_unknown",
]

# An option of actors alone: nothing reads it from a message.
_OF_ACTORS = frozenset({"retry_when"})
_OWN = frozenset({"delay", "queue_name"})
# Each is the name of an actor in the message.
_CALLBACKS = ("on_success", "on_failure", "on_retry_exhausted")


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


def options_of(intent: Intent, actor: Actor[Any, Any]) -> dict[str, Any]:
    """Return a copy of the options, with the names of actors instead of them.

    Raises:
        DramatiqOptionError: If nothing would read an option.
        ArgumentError: If a value is no delay, no name of a queue, or no actor.
    """
    options = dict(intent.dispatch_options or {})
    if not options:
        return options
    refuse_unknown(intent, _known_options(actor.broker))
    delay_of(intent)
    queue = options.get("queue_name", actor.queue_name)
    if not isinstance(queue, str) or not queue:
        raise _refusal(
            intent,
            f"queue_name={queue!r}",
            "the name of a queue, such as 'mail', or leave it out",
        )
    for option in _CALLBACKS:
        if option in options:
            options[option] = _callback(intent, option, options[option])
    return options


def check_callbacks(
    intent: Intent, actor: Actor[Any, Any], options: dict[str, Any]
) -> None:
    """Raise for the name of an actor that the broker of this one does not know.

    Raises:
        ArgumentError: If there is one.
    """
    for option in _CALLBACKS:
        name = options.get(option)
        if name and name not in actor.broker.actors:
            raise _refusal(
                intent,
                f"{option}={name!r}, an actor that is not declared on the broker of "
                f"this one",
                f"one of its actors: {', '.join(sorted(actor.broker.actors))}",
            )


def _callback(intent: Intent, option: str, value: object) -> str | None:
    actor = actor_of(value)
    if actor is not None:
        return actor.actor_name
    if value is None or isinstance(value, str):
        return value
    raise _refusal(intent, f"{option}={value!r}", "an actor, or the name of one")


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
        ArgumentError: If it is neither a finite number nor a `timedelta`.
    """
    delay = (intent.dispatch_options or {}).get("delay")
    if isinstance(delay, timedelta):
        return delay // timedelta(milliseconds=1)
    if delay is None:
        return None
    if _is_number(delay):
        return int(delay)
    expected = "a number of milliseconds, or a timedelta"
    raise _refusal(intent, f"delay={delay!r}", expected)


def check_delay(intent: Intent, message: Message[Any]) -> None:
    """Raise if a message was made with a delay that nothing in Dramatiq can use.

    Raises:
        ArgumentError: If it was.
    """
    delay = message.options.get("delay")
    if delay is not None and not _is_number(delay):
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"a message to {message.actor_name} with delay={delay!r}",
            "a number of milliseconds to message_with_options(), or give the delay, "
            "which may be a timedelta, to the enqueue",
        )


def _is_number(delay: object) -> bool:
    if isinstance(delay, bool):
        return False
    return isinstance(delay, int) or (isinstance(delay, float) and isfinite(delay))


def _refusal(intent: Intent, option: str, expected: str) -> ArgumentError:
    return ArgumentError(f"enqueue({intent.name})", f"the option {option}", expected)


def _known_options(broker: Broker) -> frozenset[str]:
    # What its middleware lets an actor declare is what it reads from a message too.
    known = (broker.actor_options | _OWN) - _OF_ACTORS
    # RabbitMQ's alone, and only of queues made for it. A stub stands for any broker.
    if isinstance(broker, StubBroker) or getattr(broker, "max_priority", None):
        known |= {"broker_priority"}
    return frozenset(known)
