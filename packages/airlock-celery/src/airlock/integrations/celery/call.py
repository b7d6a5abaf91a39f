"""A call of Celery's that is turned into an intent."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import airlock
from airlock import ArgumentError
from airlock.integrations.celery.connection import refuse_other_broker
from airlock.integrations.celery.named import NamedTask
from airlock.integrations.celery.parameter import APPLY_ASYNC, SEND_TASK, read_call
from airlock.integrations.celery.snapshot import snapshot
from airlock.integrations.celery.written import advice, enqueue_of
from airlock.integrations.executors.celery.message import check_arguments
from airlock.integrations.executors.celery.option import check_options
from celery import Task
from celery.canvas import Signature, chord

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["Call"]

# Open connections: they belong to the moment of the call.
_LIVE = frozenset({"connection", "producer", "publisher"})
# What `airlock.enqueue()` takes for itself.
_RESERVED = frozenset({"_origin", "_dispatch_options"})


@dataclass(frozen=True, slots=True)
class Call:
    """What was to be published at once: a task or canvas, arguments and options.

    Attributes:
        called: The task or canvas.
        target: What `airlock.enqueue()` is given first.
        args: The positional arguments.
        kwargs: The keyword arguments.
        options: The options for Celery, without open connections.
        live: The open connections.
        method: What was called, in the words of the warning.
        where: Where to write what it says instead.
    """

    called: Any
    target: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    options: dict[str, Any]
    live: dict[str, Any]
    method: str = "delay() or apply_async()"
    where: str = ""

    @classmethod
    def of(
        cls,
        method: Callable[..., Any],
        called: Any,  # noqa: ANN401 - Celery is untyped
        given: tuple[Any, ...],
        named: Mapping[str, Any],
    ) -> Self:
        """Read a call of `method`, which is an `apply_async`.

        Raises:
            TypeError: If the method does not take such arguments.
            ArgumentError: If a canvas is given an argument that `enqueue()` takes, or a
                task is given no list or tuple.
        """
        options = read_call(method, APPLY_ASYNC, (called, *given), named)
        return cls._of_options(called, options)

    @classmethod
    def of_name(
        cls,
        method: Callable[..., Any],
        app: Any,  # noqa: ANN401 - Celery is untyped
        given: tuple[Any, ...],
        named: Mapping[str, Any],
    ) -> Self:
        """Read a call of `method`, which is a `send_task`.

        Raises:
            TypeError: If the method does not take such arguments.
            ArgumentError: If the task is given no list or tuple.
        """
        options = read_call(method, SEND_TASK, (app, *given), named)
        call = cls._of_options(NamedTask(options.pop("name"), app=app), options)
        return replace(call, method="send_task()")

    @classmethod
    def _of_options(cls, called: Any, options: dict[str, Any]) -> Self:  # noqa: ANN401
        live = {name: options.pop(name) for name in _LIVE & options.keys()}
        args = options.pop("args", None) or ()
        kwargs = options.pop("kwargs", None) or {}
        _refuse_as_celery(called, args, kwargs)
        args, kwargs = tuple(args), dict(kwargs)
        # As Celery would have read them now: they may be changed for the next call.
        called, options = snapshot(called), snapshot(options)
        if isinstance(called, chord) and "body" in kwargs:
            # Of `chord(header)(body)`: it is no argument of the tasks.
            called.body = kwargs.pop("body")
        if isinstance(called, Signature) and called.immutable:
            # Celery drops them without a word, and an executor would not.
            args, kwargs = (), {}
        reserved = {name: kwargs.pop(name) for name in _RESERVED & kwargs.keys()}
        if reserved:
            called = _holding(called, reserved)
        return cls(called, called, args, kwargs, options, live)

    def warn(self, frame: FrameType, instead: str = "") -> None:
        """Tell, at the line that made the call, what to write there instead."""
        warnings.warn_explicit(
            f"{self.called.name} was called by Celery's {self.method}, past airlock. "
            f"Write instead{self.where}: {instead or self}",
            DeprecationWarning,
            frame.f_code.co_filename,
            frame.f_lineno,
            frame.f_globals.get("__name__"),
            frame.f_globals.setdefault("__warningregistry__", {}),
        )

    def enqueue(self, frame: FrameType) -> None:
        """Buffer it in the current scope.

        Raises:
            CeleryOptionError: If Celery does not know an option, or it cannot wait.
            ArgumentError: If a member of a canvas would not take the arguments.
            NoScopeError: If no scope is active.
        """
        refuse_other_broker(self.called, self.live)
        # What a signature was given before is sent with it, as its own.
        name = self.called.name
        own = self.called["options"] if isinstance(self.called, Signature) else {}
        check_options(self.called, name, {**own, **self.options})
        check_arguments(self.called, name, self.args, self.kwargs)
        airlock.enqueue(
            self.target,
            *self.args,
            _origin=f"{frame.f_code.co_filename}:{frame.f_lineno}",
            _dispatch_options=self.options or None,
            **self.kwargs,
        )

    def __str__(self) -> str:
        """Return the call of `airlock.enqueue` to write."""
        given = self.args, self.kwargs, self.options
        return advice(lambda: enqueue_of(self.called, *given))


def _refuse_as_celery(called: Any, args: object, kwargs: object) -> None:  # noqa: ANN401
    name = called.name
    if not isinstance(called, (Task, NamedTask)):
        # A signature may be given anything that has items.
        return
    # One string would otherwise be as many arguments as it has characters.
    if not isinstance(args, (list, tuple)):
        raise ArgumentError(f"A call of {name}", f"args={args!r}", "a list or tuple")
    if not isinstance(kwargs, Mapping):
        raise ArgumentError(f"A call of {name}", f"kwargs={kwargs!r}", "a mapping")


def _holding(called: Any, kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - Celery is untyped
    """Return a signature that brings arguments which `enqueue()` would keep."""
    if isinstance(called, Task):
        return called.signature(kwargs=kwargs)
    if called.get("subtask_type"):
        raise ArgumentError(
            f"A call of a {called['subtask_type']}",
            f"an argument named {' and '.join(sorted(kwargs))}, which enqueue() takes",
            "it to the signatures in the canvas instead",
        )
    called["kwargs"].update(kwargs)
    return called
