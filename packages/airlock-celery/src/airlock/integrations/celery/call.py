"""A call of Celery's that is turned into an intent."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from inspect import Signature as Accepted
from typing import TYPE_CHECKING, Any, Self

import airlock
from airlock.integrations.celery.snapshot import snapshot
from celery.canvas import Signature, chord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

__all__ = ["Call"]

# Open connections: they belong to the moment of the call.
_LIVE = frozenset({"connection", "producer", "publisher"})
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Call:
    """What was to be published at once: a task or canvas, arguments and options.

    Attributes:
        target: What `airlock.enqueue()` is given first.
        written: How to write it; nothing tells the variable that holds a canvas.
        args: The positional arguments.
        kwargs: The keyword arguments.
        options: The options for Celery, without open connections.
    """

    target: Any
    written: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    options: dict[str, Any]

    @classmethod
    def of(
        cls,
        method: Callable[..., Any],
        target: Any,  # noqa: ANN401 - Celery is untyped
        given: tuple[Any, ...],
        named: Mapping[str, Any],
    ) -> Self:
        """Read a call of `method`, which is one of Celery's `apply_async`.

        Raises:
            TypeError: If the method does not take such arguments.
        """
        accepted, rest = _accepted(method)
        bound = accepted.bind(target, *given, **named).arguments
        options = {**bound, **bound.get(rest, {})}
        for name in {next(iter(accepted.parameters)), rest, *_LIVE}:
            options.pop(name, None)
        args = tuple(options.pop("args", None) or ())
        kwargs = dict(options.pop("kwargs", None) or {})
        if isinstance(target, Signature) and target.immutable:
            # Celery drops them without a word, and an executor would not.
            args, kwargs = (), {}
        # As Celery would have read them now: they may be changed for the next call.
        target, options = snapshot(target), snapshot(options)
        if isinstance(target, chord) and "body" in kwargs:
            # Of `chord(header)(body)`: it is no argument of the tasks.
            target.body = kwargs.pop("body")
        return cls(target, _written(target), args, kwargs, options)

    def warn(self, frame: FrameType) -> None:
        """Tell, at the line that made the call, what to write there instead."""
        warnings.warn_explicit(
            f"{self.target.name} was called by Celery's delay() or apply_async(), "
            f"which bypass airlock. Write instead: {self}",
            DeprecationWarning,
            frame.f_code.co_filename,
            frame.f_lineno,
            frame.f_globals.get("__name__"),
            frame.f_globals.setdefault("__warningregistry__", {}),
        )

    def enqueue(self, frame: FrameType) -> None:
        """Buffer it in the current scope.

        Raises:
            NoScopeError: If no scope is active.
        """
        airlock.enqueue(
            self.target,
            *self.args,
            _origin=f"{frame.f_code.co_filename}:{frame.f_lineno}",
            _dispatch_options=self.options or None,
            **self.kwargs,
        )

    def __str__(self) -> str:
        """Return the call of `airlock.enqueue` to write."""
        given = [_shown(value) for value in self.args]
        given += [f"{name}={_shown(value)}" for name, value in self.kwargs.items()]
        if self.options:
            options = [f"{name!r}: {_shown(x)}" for name, x in self.options.items()]
            given.append(f"_dispatch_options={{{', '.join(options)}}}")
        return f"airlock.enqueue({', '.join([self.written, *given])})"


@cache
def _accepted(method: Callable[..., Any]) -> tuple[Accepted, str]:
    accepted = signature(method)
    kinds = {parameter.kind: name for name, parameter in accepted.parameters.items()}
    if Parameter.VAR_POSITIONAL in kinds:
        # It hands on whatever it is given, to Celery in the end.
        accepted, kinds = _ACCEPTED[method.__name__ == "send_task"], {}
    return accepted, kinds.get(Parameter.VAR_KEYWORD, "options")


def _accepting(*names: str) -> Accepted:
    by_place = Parameter.POSITIONAL_OR_KEYWORD
    given = [Parameter(name, by_place, default=None) for name in names]
    return Accepted([*given, Parameter("options", Parameter.VAR_KEYWORD)])


# What Celery's `apply_async` and `send_task` take by place.
_ACCEPTED = (
    _accepting(
        *("self", "args", "kwargs", "task_id", "producer"),
        *("link", "link_error", "shadow"),
    ),
    _accepting(
        *("self", "name", "args", "kwargs", "countdown", "eta", "task_id", "producer"),
        *("connection", "router", "result_cls", "expires", "publisher"),
    ),
)


def _written(target: Any) -> str:  # noqa: ANN401 - Celery is untyped
    if isinstance(target, Signature):
        return f"my_{target.subtask_type or 'signature'}"
    return str(getattr(target, "__name__", ""))


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - an argument's repr may raise anything
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
