"""Dispatch options: those of `async_task()`, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock import AirlockError

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["TAKEN", "DjangoQOptionError", "options_of"]

# django-q has them in the body of its function, where nothing can ask for them.
_KNOWN = (
    *("ack_failure", "broker", "cached", "chain", "cluster", "group", "hook"),
    *("save", "sync", "task_name", "timeout"),
)
# It writes these itself, beside a list that it has put into the cache.
_OF_AN_ITER = ("iter_cached", "iter_count")
# An argument of such a name would never reach its task.
TAKEN = frozenset({"func", "q_options", *_KNOWN, *_OF_AN_ITER})


class DjangoQOptionError(AirlockError, TypeError):
    """`async_task()` has no dispatch option of that name."""

    def __init__(self, task: str, option: object) -> None:
        super().__init__(task, option)

    def __str__(self) -> str:
        task, option = self.args
        return (
            f"{task} was enqueued with the dispatch option {option!r}, which "
            f"django-q's async_task() does not know. It knows: {', '.join(_KNOWN)}. "
            f"Correct _dispatch_options; what is meant for the task itself is a plain "
            f"argument, and what has `iter_count` is an `Iter`, enqueued as it is."
        )


def options_of(intent: Intent) -> dict[str, Any]:
    """Return a copy of the options, which django-q takes apart.

    Raises:
        DjangoQOptionError: If django-q does not know one.
    """
    options = dict(intent.dispatch_options or {})
    for option in options:
        if option not in _KNOWN:
            raise DjangoQOptionError(intent.name, option)
    return options
