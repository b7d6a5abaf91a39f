"""The functions of a task: whether a cluster can run them."""

from __future__ import annotations

from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from airlock import NotATaskError

__all__ = ["check_function", "check_within"]

_TASKS = (
    "Enqueue a function that a worker can import, or an AsyncTask, Chain or Iter of "
    "django-q."
)


def check_function(name: str, function: object) -> None:
    """Raise for a task that no cluster could run.

    Raises:
        NotATaskError: If it is one.
    """
    if problem := _problem(function):
        what, remedy = problem
        raise NotATaskError(f"{name}, {what}", remedy)


def check_within(name: str, function: Any) -> None:  # noqa: ANN401 - or no function
    """Raise for a function that a task contains, or the path of one.

    Raises:
        NotATaskError: If no cluster could run it.
    """
    find = _problem_of_path if isinstance(function, str) else _problem
    if problem := find(function):
        what, remedy = problem
        raise NotATaskError(f"{name} with {function!r}, {what}", remedy)


def _problem(function: Any) -> tuple[str, str] | None:  # noqa: ANN401 - anything
    while isinstance(function, partial):
        function = function.func
    if not callable(function):
        return (
            f"a {type(function).__name__} that cannot be called",
            _TASKS,
        )
    if iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__):
        return (
            "a coroutine function that no cluster would await",
            "Enqueue a plain function that runs it: asgiref.sync.async_to_sync().",
        )
    if getattr(function, "__module__", None) == "__main__":
        return (
            "which a worker would look for in a __main__ of its own",
            "Move it into a module that both can import.",
        )
    return None


def _problem_of_path(path: str) -> tuple[str, str] | None:
    import pydoc  # noqa: PLC0415 - it takes longer than the rest

    try:
        # As the cluster looks for it.
        function = pydoc.locate(path)
    except pydoc.ErrorDuringImport as error:
        return f"which cannot be imported: {error}", "Mend that module."
    if function is None:
        return "which cannot be imported", "Correct the path, or pass the function."
    return _problem(function)
