"""The executor, and what a scope may ask of it beside one dispatch."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from airlock import AirlockError, ArgumentError, TaskArgumentsError
from airlock.integrations.executors.dramatiq.composition import (
    check_composition,
    is_composition,
    leaving,
    run,
)
from airlock.integrations.executors.dramatiq.message import message_of, send
from airlock.integrations.executors.sync import sync_executor
from dramatiq import Actor, GenericActor

if TYPE_CHECKING:
    from airlock import Intent
    from dramatiq import Message

__all__ = ["dramatiq_executor"]


def dramatiq_executor(intent: Intent) -> object:
    """Send a message to a Dramatiq actor; call what is not Dramatiq's in place.

    ``_dispatch_options`` are those of ``send_with_options()``, and ``queue_name``. A
    message, pipeline or group is sent whole, as it is; it may have a ``delay``.

    Raises:
        DramatiqOptionError: If nothing in Dramatiq would read an option.
        ArgumentError: If an option has a value that Dramatiq cannot use.
        NotATaskError: If a message comes with further arguments, or its broker does
            not know the actor.
    """
    actor = _actor(intent.task)
    if actor is not None:
        send(intent, actor)
        return None
    if is_composition(intent.task):
        check_composition(intent)
        run(intent)
        return None
    return sync_executor(intent)


def _check(intent: Intent) -> None:
    """Raise what the flush or the worker would, and send nothing."""
    actor = _actor(intent.task)
    if actor is not None:
        _check_arguments(intent, actor, (intent.args, intent.kwargs))
        try:
            message = message_of(intent, actor)
        except AirlockError:
            raise
        except TypeError as error:
            raise _refusal(intent, error) from error
        _check_encoding(intent, message)
    elif is_composition(intent.task):
        check_composition(intent)
        for broker, message in leaving(intent.task):
            called = broker.actors[message.actor_name]
            _check_arguments(intent, called, (message.args, message.kwargs))
            _check_encoding(intent, message)


# What a scope with verify=True looks for.
dramatiq_executor.check = _check  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]


def _actor(task: object) -> Actor[Any, Any] | None:
    if isinstance(task, GenericActor):
        # Dramatiq writes it to the object that stands for the class.
        task = vars(task)["__actor__"]
    return task if isinstance(task, Actor) else None


def _check_arguments(
    intent: Intent,
    actor: Actor[Any, Any],
    call: tuple[tuple[Any, ...], dict[str, Any]],
) -> None:
    function: Any = actor.fn
    if isinstance(function, GenericActor):
        function = function.perform
    try:
        accepted = signature(function)
    except ValueError:
        return  # Some built-in functions have none to tell.
    args, kwargs = call
    try:
        accepted.bind(*args, **kwargs)
    except TypeError as error:
        text = str(accepted), str(error)
        raise TaskArgumentsError(intent.name, *text) from None


def _check_encoding(intent: Intent, message: Message[Any]) -> None:
    try:
        message.encode()
    except Exception as error:
        # A project may have chosen its own encoder, which raises what it likes.
        raise _refusal(intent, error) from error


def _refusal(intent: Intent, error: Exception) -> ArgumentError:
    return ArgumentError(
        f"enqueue({intent.name})",
        f"what Dramatiq cannot put into a message: {error}",
        "what its encoder can carry, such as the key of a row instead of the row",
    )
