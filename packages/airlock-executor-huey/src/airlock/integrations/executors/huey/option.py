"""Dispatch options: those of Huey's `schedule()`, and no others."""

from __future__ import annotations

from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

import huey
from airlock import AirlockError, ArgumentError
from huey.api import TaskWrapper
from huey.utils import normalize_time

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["HueyOptionError", "options_of"]


class HueyOptionError(AirlockError, TypeError):
    """The installed Huey knows no dispatch option of that name."""

    def __init__(self, task: str, option: str, known: tuple[str, ...]) -> None:
        super().__init__(task, option, known)

    def __str__(self) -> str:
        task, option, known = self.args
        return (
            f"{task} was enqueued with the dispatch option {option!r}, which Huey "
            f"{huey.__version__} does not know. It knows: {', '.join(known)}. Correct "
            f"_dispatch_options; what is meant for the task itself is a plain argument."
        )


def options_of(intent: Intent) -> dict[str, Any]:
    """Return what to make the message with: a delay has become a time.

    Raises:
        HueyOptionError: If the installed Huey does not know an option.
        ArgumentError: If an ``eta`` or ``delay`` is none, or there are both.
    """
    task: Any = intent.task
    options = dict(intent.dispatch_options or {})
    for option in options:
        if option not in _known_options():
            raise HueyOptionError(intent.name, option, _known_options())
    times = {name: options.pop(name, None) for name in ("eta", "delay")}
    given = {name: time for name, time in times.items() if time is not None}
    if given:
        options["eta"] = _eta(intent, given, utc=task.huey.utc)
    return options


def _eta(intent: Intent, given: dict[str, Any], *, utc: bool) -> Any:  # noqa: ANN401 - Huey is untyped
    try:
        return normalize_time(**given, utc=utc)
    # Huey 2.5 asks an eta that is none for its time zone.
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        shown = ", ".join(f"{name}={time!r}" for name, time in given.items())
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"the dispatch options {shown}, of which Huey says: {error}",
            "either a delay, in seconds or as a timedelta, or a datetime as eta",
        ) from error


@cache
def _known_options() -> tuple[str, ...]:
    accepted = signature(TaskWrapper.schedule).parameters.keys()
    return tuple(sorted(accepted - {"self", "args", "kwargs"}))
