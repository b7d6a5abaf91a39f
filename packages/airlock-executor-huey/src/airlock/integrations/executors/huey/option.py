"""Dispatch options: those of Huey's `schedule()`, and no others."""

from __future__ import annotations

from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

import huey
from airlock import AirlockError
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
    """
    task: Any = intent.task
    options = dict(intent.dispatch_options or {})
    for option in options:
        if option not in _known_options():
            raise HueyOptionError(intent.name, option, _known_options())
    eta, delay = options.pop("eta", None), options.pop("delay", None)
    if eta is not None or delay is not None:
        options["eta"] = normalize_time(eta, delay, task.huey.utc)
    return options


@cache
def _known_options() -> tuple[str, ...]:
    accepted = signature(TaskWrapper.schedule).parameters.keys()
    return tuple(sorted(accepted - {"self", "args", "kwargs"}))
