"""How a method takes the arguments of a task, and options, whoever wrote it."""

from __future__ import annotations

from functools import cache
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Method = Callable[..., Any]

__all__ = ["APPLY_ASYNC", "SEND_TASK", "given_name", "read_call"]

# What Celery's methods take by place. An override may have names of its own for all but
# the options, since Celery itself gives it these by place.
APPLY_ASYNC = (
    *("self", "args", "kwargs"),
    *("task_id", "producer", "link", "link_error", "shadow"),
)
SEND_TASK = (
    *("self", "name", "args", "kwargs"),
    *("countdown", "eta", "task_id", "producer", "connection", "router", "result_cls"),
    *("expires", "publisher"),
)
_LAST_OF_ALL = "kwargs"


def read_call(
    method: Method,
    celerys: tuple[str, ...],
    given: tuple[Any, ...],
    named: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what a method is given, but for its `self`, by the names of Celery's.

    Args:
        method: The method, as a function.
        celerys: What Celery's own method of that name takes by place.
        given: The arguments, `self` among them.
        named: The keyword arguments.

    Raises:
        TypeError: If the method does not take them.
    """
    accepted, names = _accepted(method, celerys)
    found: dict[str, Any] = {}
    for own, value in accepted.bind(*given, **named).arguments.items():
        if accepted.parameters[own].kind is Parameter.VAR_KEYWORD:
            found |= value
        else:
            found[names.get(own, own)] = value
    found.pop("self")
    return found


def given_name(
    send_task: Method, given: tuple[Any, ...], named: Mapping[str, Any]
) -> Any:  # noqa: ANN401 - whatever the caller gives
    """Return the name that a `send_task` is given, without its `self`."""
    if given:
        return given[0]
    accepted, _ = _accepted(send_task, SEND_TASK)
    return named.get(list(accepted.parameters)[1])


@cache
def _accepted(
    method: Method, celerys: tuple[str, ...]
) -> tuple[Signature, dict[str, str]]:
    """Return what a method takes, and what Celery calls that."""
    accepted = signature(method)
    kinds = {parameter.kind for parameter in accepted.parameters.values()}
    if Parameter.VAR_POSITIONAL in kinds:
        # It hands on whatever it is given, to Celery in the end.
        accepted = _accepting(celerys)
    leading = celerys[: celerys.index(_LAST_OF_ALL) + 1]
    names = zip(accepted.parameters, leading, strict=False)
    return accepted, {
        own: name for own, name in names if name not in accepted.parameters
    }


def _accepting(names: tuple[str, ...]) -> Signature:
    by_place = Parameter.POSITIONAL_OR_KEYWORD
    given = [Parameter(name, by_place, default=None) for name in names]
    return Signature([*given, Parameter("options", Parameter.VAR_KEYWORD)])
