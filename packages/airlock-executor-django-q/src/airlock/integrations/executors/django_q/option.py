"""Dispatch options: those of `async_task()`, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock import AirlockError, ArgumentError

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["OF_AN_ITER", "TAKEN", "DjangoQOptionError", "check_values", "options_of"]

# django-q has them in the body of its function, where nothing can ask for them.
_KNOWN = (
    *("ack_failure", "broker", "cached", "chain", "cluster", "group", "hook"),
    *("save", "sync", "task_name", "timeout"),
)
# It writes these itself, beside a list that it has put into the cache.
OF_AN_ITER = ("iter_cached", "iter_count")
# An argument of such a name would never reach its task.
TAKEN = frozenset({"func", "q_options", *_KNOWN, *OF_AN_ITER})


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


def check_values(name: str, options: dict[str, Any]) -> None:
    """Raise for an option of which a process of the cluster would die, or this one.

    Raises:
        ArgumentError: If a value is none for its option.
    """
    if not isinstance(options.get("timeout", 0), int):
        raise _wrong(name, options, "timeout", "a whole number of seconds, or leave it")
    broker = options.get("broker")
    if broker and not hasattr(broker, "enqueue"):
        raise _wrong(name, options, "broker", "what get_broker() of django-q returns")
    chain = options.get("chain")
    if chain and not isinstance(chain, list):
        raise _wrong(name, options, "chain", "a list of steps")


def _wrong(
    name: str, options: dict[str, Any], option: str, expected: str
) -> ArgumentError:
    given = f"the dispatch option {option!r} as {options[option]!r}"
    return ArgumentError(f"enqueue({name})", given, expected)
