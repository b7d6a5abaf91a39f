"""One intent becomes one message to an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.executors.dramatiq.option import delay_of, options_of

if TYPE_CHECKING:
    from airlock import Intent
    from dramatiq import Actor, Message

__all__ = ["check_encoding", "message_of", "send"]

# The broker is told the delay. The queue Dramatiq would ignore, as an option.
_NO_OPTIONS = ("delay", "queue_name")


def send(intent: Intent, actor: Actor[Any, Any]) -> None:
    """Send the message through the broker of its actor."""
    _check_names(intent)
    options = options_of(intent, actor)
    if "queue_name" not in options:
        kwargs = dict(intent.kwargs)
        actor.send_with_options(args=intent.args, kwargs=kwargs, **options)
        return
    message = message_of(intent, actor, options)
    actor.broker.enqueue(message, delay=delay_of(intent))


def message_of(
    intent: Intent, actor: Actor[Any, Any], options: dict[str, Any]
) -> Message[Any]:
    """Return the message, and send nothing.

    Args:
        intent: What the message is to carry.
        actor: Whom it is for.
        options: Those of the intent, as `options_of()` returns them.

    Raises:
        ArgumentError: If an argument is named ``self``.
    """
    _check_names(intent)
    others = {name: value for name, value in options.items() if name not in _NO_OPTIONS}
    message = actor.message_with_options(
        args=intent.args, kwargs=dict(intent.kwargs), **others
    )
    return message.copy(queue_name=options.get("queue_name", actor.queue_name))


def check_encoding(intent: Intent, message: Message[Any]) -> None:
    """Raise if the encoder refuses a message.

    Raises:
        ArgumentError: If it does.
    """
    try:
        message.encode()
    except Exception as error:
        # A project may have chosen its own encoder, which raises what it likes.
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"what Dramatiq cannot put into a message to {message.actor_name}: {error}",
            "what its encoder can carry, such as the key of a row instead of the row",
        ) from error


def _check_names(intent: Intent) -> None:
    # The worker calls the actor, and a method's own `self` is in the way.
    if "self" in intent.kwargs:
        raise ArgumentError(
            f"enqueue({intent.name})",
            "an argument named 'self', which Dramatiq cannot give to an actor",
            "it under another name",
        )
