"""One intent becomes one message to an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.executors.dramatiq.option import check_options, delay_of

if TYPE_CHECKING:
    from airlock import Intent
    from dramatiq import Actor, Message

__all__ = ["message_of", "send"]


def send(intent: Intent, actor: Actor[Any, Any]) -> None:
    """Send the message through the broker of its actor."""
    options = dict(intent.dispatch_options or {})
    _check_names(intent)
    if options:
        check_options(intent, actor)
    if "queue_name" not in options:
        kwargs = dict(intent.kwargs)
        actor.send_with_options(args=intent.args, kwargs=kwargs, **options)
        return
    actor.broker.enqueue(message_of(intent, actor), delay=delay_of(intent))


def message_of(intent: Intent, actor: Actor[Any, Any]) -> Message[Any]:
    """Return the message, and send nothing.

    Raises:
        DramatiqOptionError: If nothing in Dramatiq would read an option.
        ArgumentError: If an option has a value that Dramatiq cannot use, or an
            argument is named ``self``.
        TypeError: If a callback is no actor.
    """
    _check_names(intent)
    check_options(intent, actor)
    options = dict(intent.dispatch_options or {})
    options.pop("delay", None)
    # As an option Dramatiq would ignore it.
    queue = options.pop("queue_name", actor.queue_name)
    message = actor.message_with_options(
        args=intent.args, kwargs=dict(intent.kwargs), **options
    )
    return message.copy(queue_name=queue)


def _check_names(intent: Intent) -> None:
    # The worker calls the actor, and a method's own `self` is in the way.
    if "self" in intent.kwargs:
        raise ArgumentError(
            f"enqueue({intent.name})",
            "an argument named 'self', which Dramatiq cannot give to an actor",
            "it under another name",
        )
