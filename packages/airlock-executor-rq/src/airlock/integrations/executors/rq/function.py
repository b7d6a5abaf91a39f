"""The functions of a job: whether a worker finds them again."""

from __future__ import annotations

import inspect
import sys
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from airlock import ArgumentError, NotATaskError
from rq import Callback
from rq.utils import import_attribute

if TYPE_CHECKING:
    from airlock import Intent
    from rq.job import Job

__all__ = ["check_callbacks", "check_importable", "check_job"]

_OF_A_JOB = {
    "func": "function",
    "success_callback": "on_success",
    "failure_callback": "on_failure",
    "stopped_callback": "on_stopped",
}
_PLACE = (
    "a function that stands at the top of a module which the worker can import as well"
)
_IN_MAIN = "which for a worker is in another module than __main__"
_MISSING = "which a worker cannot import"


def check_importable(intent: Intent) -> None:
    """Raise for what a worker could not find again: it is told a path, or a pickle.

    Raises:
        NotATaskError: If it is such a function.
    """
    if problem := _problem(intent.task):
        raise NotATaskError(f"{intent.name}, {problem}", f"Enqueue {_PLACE}.")


def check_callbacks(intent: Intent, options: dict[str, Any]) -> None:
    """Raise for options that name a function which a worker could not find.

    Raises:
        ArgumentError: If there is one.
    """
    for option in ("on_success", "on_failure", "on_stopped"):
        given = options.get(option)
        function = given.func if isinstance(given, Callback) else given
        if function and (problem := _problem(function)):
            raise ArgumentError(
                f"enqueue({intent.name})",
                f"the option {option} with {function!r}, {problem}",
                f"a Callback of {_PLACE}",
            )


def check_job(intent: Intent, job: Job) -> None:
    """Raise for a job whose functions a worker could not find.

    Raises:
        NotATaskError: If it is one.
    """
    for attribute, what in _OF_A_JOB.items():
        if problem := _problem_within(job, attribute):
            raise NotATaskError(
                f"a job of {intent.name} with a wrong {what}, {problem}",
                f"Make it with {_PLACE}.",
            )


def _problem_within(job: Job, attribute: str) -> str:
    try:
        # The worker imports it by this very property.
        function = getattr(job, attribute)
        owner = job.instance
    except Exception as error:  # noqa: BLE001 - a module, or a pickle, raises anything
        return f"{_MISSING} ({error})"
    if attribute != "func":
        return _problem_of_name(function) if function else ""
    return _problem_of_owner(owner) if owner else _problem_of_name(function)


def _problem(function: Any) -> str:  # noqa: ANN401 - whatever was enqueued
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, str):
        return _problem_of_path(function)
    if isinstance(function, type) or not callable(function):
        return "which RQ cannot call" if callable(function) else "no function"
    if inspect.ismethod(function):
        return _problem_of_owner(function.__self__)
    if inspect.isfunction(function) or inspect.isbuiltin(function):
        return _problem_of_place(function)
    return _problem_of_owner(function)


def _problem_of_path(path: str) -> str:
    try:
        function = import_attribute(path)
    except Exception as error:  # noqa: BLE001 - it runs a module, which raises anything
        return f"{_MISSING} ({error})"
    return _problem_of_name(function)


def _problem_of_name(function: object) -> str:
    # What was found by its name need not know that itself: a decorator may have
    # made it.
    if not callable(function):
        return "which cannot be called"
    return _IN_MAIN if getattr(function, "__module__", "") == "__main__" else ""


def _problem_of_owner(value: object) -> str:
    # A class is pickled as its path, and so is that of any other value.
    return _problem_of_place(value if isinstance(value, type) else type(value))


def _problem_of_place(wanted: Any) -> str:  # noqa: ANN401 - a function or a class
    if wanted.__module__ == "__main__":
        return _IN_MAIN
    found: object = sys.modules.get(wanted.__module__ or "")
    try:
        found = reduce(getattr, wanted.__qualname__.split("."), found)
    except AttributeError:
        found = None
    return "" if found is wanted else _MISSING
