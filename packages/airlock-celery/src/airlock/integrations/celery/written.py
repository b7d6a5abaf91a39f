"""How to write in Python what was called."""

from __future__ import annotations

from itertools import islice
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from airlock.integrations.executors.celery.stock import task_of
from celery import Task
from celery.canvas import Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["advice", "enqueue_of"]

_LONGEST = 80
_MOST_ITEMS = 20
# A canvas with more members was hardly written at one place.
_MOST_MEMBERS = 10


def advice(write: Callable[[], str]) -> str:
    """Return what `write` says to write; a failure of it must not break the call."""
    try:
        return write()
    except Exception:  # noqa: BLE001 - it reads what Celery alone understands
        return "airlock.enqueue(...)"


def _written(value: Any) -> str:  # noqa: ANN401 - whatever a canvas holds
    """Return the code of a task or canvas; of anything else what `repr()` says."""
    if isinstance(value, Task):
        return _name_of(value)
    if isinstance(value, Signature):
        return _canvas(value)
    if type(value) is list and _holds_signatures(value):
        return f"[{', '.join(map(_written, value))}]"
    return _shown(value)


def _holds_signatures(values: list[Any]) -> bool:
    return any(isinstance(value, Signature) for value in islice(values, _MOST_ITEMS))


def enqueue_of(
    target: Any,  # noqa: ANN401 - as above
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    options: Mapping[str, Any],
) -> str:
    """Return the call of `airlock.enqueue` to write."""
    more = []
    if options:
        pairs = [f"{name!r}: {_written(value)}" for name, value in options.items()]
        more = [f"_dispatch_options={{{', '.join(pairs)}}}"]
    return _call("airlock.enqueue", (target, *args), kwargs, *more)


def _call(
    function: str, args: Sequence[Any], kwargs: Mapping[str, Any], *more: str
) -> str:
    given = [_written(value) for value in args]
    given += [f"{name}={_written(value)}" for name, value in kwargs.items()]
    return f"{function}({', '.join([*given, *more])})"


def _canvas(canvas: Signature) -> str:
    match canvas["task"]:
        case "celery.chain" | "celery.group" | "celery.chord" as name:
            code = _of_members(name, canvas["kwargs"])
        case "celery.chunks" | "celery.map" | "celery.starmap" as name:
            code = _of_arguments(name, canvas["kwargs"])
        case _:
            code = _signature(canvas)
    options = canvas["options"]
    if not options:
        return code
    return _call(f"({code}).set" if " | " in code else f"{code}.set", (), options)


def _name_of(task: Any) -> str:  # noqa: ANN401 - Celery is untyped
    # Celery notes the signature of a function of which it makes a task. Of a task that
    # is a class, the name is that of the class, which is no task.
    is_function = getattr(task, "__header__", None) is not None
    return str(task.__name__) if is_function else f"app.tasks[{task.name!r}]"


def _of_members(name: str, inside: Mapping[str, Any]) -> str:
    kind = name.removeprefix("celery.")
    members = inside["header" if kind == "chord" else "tasks"]
    if isinstance(members, Signature):
        members = members["kwargs"]["tasks"]
    # A generator must not be read, nor one that Celery keeps as a list.
    if type(members) not in {list, tuple} or len(members) > _MOST_MEMBERS:
        return f"my_{kind}"
    parts = list(map(_written, members))
    if kind == "chain":
        return " | ".join(parts)
    if kind == "group":
        return f"group({', '.join(parts)})"
    return f"chord([{', '.join(parts)}], {_written(inside['body'])})"


def _of_arguments(name: str, inside: Mapping[str, Any]) -> str:
    method = name.removeprefix("celery.")
    task = task_of(inside["task"])
    if task is None:
        return f"my_{method}"
    given = [inside[key] for key in ("it", "n") if key in inside]
    return _call(f"{_name_of(task)}.{method}", given, {})


def _signature(signature: Signature) -> str:
    task, args, kwargs = task_of(signature), signature["args"], signature["kwargs"]
    if task is not None:
        method = "si" if signature.immutable else "s"
        return _call(f"{_name_of(task)}.{method}", args, kwargs)
    given = [signature["task"], *([args, kwargs] if args or kwargs else [])]
    immutable = {"immutable": True} if signature.immutable else {}
    return _call("app.signature", given, immutable)


class _Short(Repr):
    """Read no more of an argument than is shown: it may be a very large one."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxlong = _LONGEST
        for kind in ("list", "tuple", "dict", "set", "frozenset", "deque", "array"):
            setattr(self, f"max{kind}", _MOST_ITEMS)

    def repr_instance(self, x: object, level: int) -> str:
        """Return what the object says of itself, if it does."""
        del level
        try:
            return repr(x)
        except Exception:  # noqa: BLE001 - it may raise anything
            return f"<{type(x).__name__}>"


def _shown(value: object) -> str:
    text = _Short().repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
