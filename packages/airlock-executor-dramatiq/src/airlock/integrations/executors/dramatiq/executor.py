"""The executor, and what a scope may ask of it beside one dispatch."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from airlock import TaskArgumentsError
from airlock.integrations.executors.dramatiq.actor import actor_of
from airlock.integrations.executors.dramatiq.composition import (
    check_composition,
    check_composition_encoding,
    is_composition,
    leaving,
    run,
)
from airlock.integrations.executors.dramatiq.message import (
    check_encoding,
    message_of,
    send,
)
from airlock.integrations.executors.dramatiq.option import check_callbacks, options_of
from airlock.integrations.executors.sync import sync_executor
from dramatiq import GenericActor

if TYPE_CHECKING:
    from airlock import Intent
    from dramatiq import Actor

__all__ = ["dramatiq_executor"]


def dramatiq_executor(intent: Intent) -> object:
    """Send a message to a Dramatiq actor; call what is not Dramatiq's in place.

    ``_dispatch_options`` are those of ``send_with_options()``, and ``queue_name``. A
    message, pipeline or group is sent whole, as it is; it may have a ``delay``.

    Raises:
        DramatiqOptionError: If nothing in Dramatiq would read an option.
        ArgumentError: If an option has a value that Dramatiq cannot use, or its encoder
            refuses a message of a group.
        NotATaskError: If a message comes with further arguments, or its broker does
            not know the actor.
    """
    actor = actor_of(intent.task)
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
    actor = actor_of(intent.task)
    if actor is not None:
        _check_arguments(intent, actor, (intent.args, intent.kwargs))
        options = options_of(intent, actor)
        check_callbacks(intent, actor, options)
        check_encoding(intent, message_of(intent, actor, options))
    elif is_composition(intent.task):
        check_composition(intent)
        for broker, message in leaving(intent.task):
            called = broker.actors[message.actor_name]
            _check_arguments(intent, called, (message.args, message.kwargs))
        check_composition_encoding(intent)


# What a scope with verify=True looks for.
dramatiq_executor.check = _check  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]


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
