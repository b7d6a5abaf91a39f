"""Messages that already have their arguments, and pipelines and groups of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from airlock import NotATaskError
from airlock.integrations.executors.dramatiq.message import check_encoding
from airlock.integrations.executors.dramatiq.option import (
    check_delay,
    delay_of,
    refuse_unknown,
)
from dramatiq import Broker, Message, get_broker, group, pipeline
from dramatiq.middleware import GroupCallbacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airlock import Intent

    Composition = Message[Any] | pipeline | group

__all__ = [
    "check_composition",
    "check_composition_encoding",
    "is_composition",
    "leaving",
    "run",
]


def is_composition(task: object) -> TypeGuard[Composition]:
    """Tell what is sent whole from what has yet to become a message."""
    return isinstance(task, (Message, pipeline, group))


def run(intent: Intent) -> None:
    """Send it through its own broker; a lone message has none but the global one.

    Raises:
        ArgumentError: If the encoder refuses a message of a group, whose others would
            have left.
    """
    task: Any = intent.task
    if isinstance(task, group):
        check_composition_encoding(intent)
    delay: Any = delay_of(intent)
    if not isinstance(task, Message):
        task.run(delay=delay)
        return
    # As a pipeline does with its first message. A broker does not look at it.
    delay = max(delay or 0, task.options.get("delay") or 0) or None
    get_broker().enqueue(task, delay=delay)


def check_composition(intent: Intent) -> None:
    """Raise for what Dramatiq would drop, or send to where nobody takes it.

    Raises:
        DramatiqOptionError: If there is an option other than ``delay``.
        ArgumentError: If a delay, also one that a message was made with, is none.
        NotATaskError: If it comes with arguments, is empty or holds something else,
            or its broker does not know an actor.
    """
    if intent.args or intent.kwargs:
        raise NotATaskError(
            f"{intent.name}, which has its arguments, and further ones that would be "
            f"lost",
            "Enqueue the message alone, or the actor with its arguments.",
        )
    refuse_unknown(intent, ("delay",))
    delay_of(intent)
    for broker, chain in _chains(intent.task, None):
        for message in chain:
            _check_declared(broker, message)
            check_delay(intent, message)


def check_composition_encoding(intent: Intent) -> None:
    """Raise for the first message that the encoder refuses.

    Raises:
        ArgumentError: If there is one.
    """
    task: Any = intent.task
    for _, message in leaving(task):
        check_encoding(intent, message)
    for callback in _callbacks(task):
        check_encoding(intent, callback)


def leaving(task: Composition) -> Iterator[tuple[Broker, Message[Any]]]:
    """Yield what is sent at once: a pipeline's later messages wait for a result."""
    for broker, chain in _chains(task, None):
        yield broker, chain[0]


def _chains(
    task: object, broker: Broker | None
) -> Iterator[tuple[Broker, list[Message[Any]]]]:
    if isinstance(task, Message):
        yield broker or get_broker(), [task]
    elif isinstance(task, pipeline) and task.messages:
        yield task.broker, task.messages
    elif isinstance(task, group):
        _check_callbacks(task)
        for child in task.children:
            yield from _chains(child, task.broker)
    else:
        raise NotATaskError(
            f"{task} inside a pipeline or group, or in its place",
            "Make pipelines of one message or more, and groups of messages and "
            "pipelines: dramatiq.group([actor.message(1), actor.message(2)]).",
        )


def _callbacks(task: object) -> Iterator[Message[Any]]:
    """Yield what a group, or one inside it, sends when all of it is done."""
    if isinstance(task, group):
        for callback in task.completion_callbacks:
            yield Message(**callback)
        for child in task.children:
            yield from _callbacks(child)


def _check_callbacks(task: group) -> None:
    if not task.completion_callbacks:
        return
    if any(isinstance(child, group) for child in task.children):
        raise NotATaskError(
            "a group with a completion callback and a group inside it, for which "
            "Dramatiq cannot wait",
            "Put the messages of both into one group.",
        )
    kinds = [type(middleware) for middleware in task.broker.middleware]
    if not any(issubclass(kind, GroupCallbacks) for kind in kinds):
        raise NotATaskError(
            "a group with a completion callback that nothing would call: its broker "
            "has no GroupCallbacks",
            "Add the middleware: broker.add_middleware(GroupCallbacks(backend)).",
        )


def _check_declared(broker: Broker, message: Message[Any]) -> None:
    if message.actor_name not in broker.actors:
        raise NotATaskError(
            f"a message of {message.actor_name!r}, an actor that is not declared on "
            f"the broker it would go to, a {type(broker).__name__}",
            "Name the broker: enqueue(broker.enqueue, message). A pipeline or group is "
            "made with broker=..., and enqueue(made.run) asks no questions.",
        )
