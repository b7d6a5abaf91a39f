"""Dispatch options: those that Celery knows, and no others."""

from __future__ import annotations

from functools import cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from kombu.messaging import Producer

import celery
from airlock import AirlockError
from airlock.integrations.executors.celery.stock import is_stock
from celery import Celery
from celery.app.amqp import AMQP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["CeleryOptionError", "check_options"]

# Celery gives itself these: as an option they would collide.
_INTERNAL = (
    *("self", "name", "message", "body", "task_type", "result_cls", "router"),
    *("callbacks", "errbacks", "create_sent_event", "now", "timezone"),
)
_WOULD_REPLACE = (
    "which would replace the arguments of the task",
    "Give them to enqueue() itself: enqueue(task, 1, subject='hello').",
)
_IS_ALIVE = (
    "an object that is open now, and need not be when the scope flushes",
    "Leave it out, or enqueue a function that opens its own and publishes there.",
)
_IS_A_ROUTER = (
    "which is an object of this process, and no part of a message",
    "Say where it leads by 'queue' or 'routing_key', or set task_routes.",
)
_REFUSED = {
    "args": _WOULD_REPLACE,
    "kwargs": _WOULD_REPLACE,
    "producer": _IS_ALIVE,
    "publisher": _IS_ALIVE,
    "connection": _IS_ALIVE,
}


class CeleryOptionError(AirlockError, TypeError):
    """Celery does not know a dispatch option, or it cannot wait for the flush."""

    def __init__(self, task: str, option: object, problem: str, remedy: str) -> None:
        super().__init__(task, option, problem, remedy)

    def __str__(self) -> str:
        task, option, problem, remedy = self.args
        return (
            f"{task} was enqueued with the dispatch option {option!r}, {problem}. "
            f"{remedy}"
        )


def check_options(task: Any, name: str, options: Mapping[str, Any]) -> None:  # noqa: ANN401 - Celery is untyped
    """Raise for the first option that cannot be passed to Celery.

    Args:
        task: The task or canvas.
        name: What to call it.
        options: The options.

    Raises:
        CeleryOptionError: If there is one.
    """
    for option in options:
        if option in _known_options():
            continue
        problem = _REFUSED.get(option) or _unknown(task, options, option)
        if problem is not None:
            raise CeleryOptionError(name, option, *problem)


def _unknown(
    task: Any,  # noqa: ANN401 - Celery is untyped
    options: Mapping[str, Any],
    option: str,
) -> tuple[str, str] | None:
    # Celery would make a property of the message of it, which nobody reads.
    if option in (options.get("stamped_headers") or ()) or not is_stock(task):
        return None
    if option == "router":
        return _IS_A_ROUTER
    known = _known_options()
    if getattr(task, "subtask_type", None) == "chord":
        known |= _OF_A_CHORD
        if option in known:
            return None
    remedy = (
        f"It knows: {', '.join(sorted(known))}. Correct _dispatch_options; what is "
        f"meant for the task itself is a plain argument, and what a router or a "
        f"signal handler of your own reads belongs into 'headers'."
    )
    return f"which Celery {celery.__version__} does not know", remedy


# How often the end of a chord looks for its results.
_OF_A_CHORD = frozenset({"interval", "max_retries"})


# Those of AMQP that none of Celery's functions names.
_PROPERTIES = (
    *("app_id", "cluster_id", "correlation_id", "message_id", "timestamp"),
    *("type", "user_id"),
)


@cache
def _known_options() -> frozenset[str]:
    # Celery has no list of them: what one of these does not know it passes to the
    # next, and the rest become properties of the message.
    takers = Celery.send_task, AMQP.as_task_v2, Producer.publish
    known = {name for taker in takers for name in _parameters(taker)}
    known |= {"exchange_type", "queue", *_PROPERTIES}
    return frozenset(known.difference(_INTERNAL, _REFUSED))


def _parameters(function: Callable[..., Any]) -> Iterator[str]:
    for name, parameter in signature(function).parameters.items():
        if parameter.kind is not Parameter.VAR_KEYWORD:
            yield name
