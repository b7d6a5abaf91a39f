"""Dispatch options: those that RQ knows, and no others."""

from __future__ import annotations

from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

from airlock import AirlockError
from rq import Queue
from rq.version import VERSION

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["RqOptionError", "check_unique", "options_of"]

# Those that are no parameters of `enqueue_call()`: where to, when, and the name that
# RQ's `enqueue()` has for the time-out.
_FURTHER = frozenset({"queue", "enqueue_in", "enqueue_at", "job_timeout"})
# It is open now, and need not be when the scope flushes.
_REFUSED = frozenset({"self", "func", "args", "kwargs", "pipeline"})


class RqOptionError(AirlockError, TypeError):
    """RQ does not know a dispatch option, or cannot have it together with others."""

    def __init__(self, task: str, option: object, problem: str) -> None:
        super().__init__(task, option, problem)

    def __str__(self) -> str:
        task, option, problem = self.args
        return (
            f"{task} was enqueued with the dispatch option {option!r}, {problem}. "
            f"Correct _dispatch_options; what is meant for the task itself is a plain "
            f"argument."
        )


def options_of(intent: Intent) -> dict[str, Any]:
    """Return a copy of the options, each under the name that RQ has for it.

    Raises:
        RqOptionError: If there is one that RQ does not know.
    """
    options = dict(intent.dispatch_options or {})
    for option in options:
        if option not in _known_options():
            known = ", ".join(sorted(_known_options()))
            problem = f"which RQ {VERSION} does not know. It knows: {known}"
            raise RqOptionError(intent.name, option, problem)
    for option, other in (("job_timeout", "timeout"), ("enqueue_in", "enqueue_at")):
        if option in options and other in options:
            raise RqOptionError(intent.name, option, f"and with {other!r} as well")
    if "job_timeout" in options:
        options["timeout"] = options.pop("job_timeout")
    return options


def check_unique(intent: Intent, options: dict[str, Any]) -> None:
    """Raise for a unique job that RQ would refuse when it enqueues it.

    Raises:
        RqOptionError: If it has no id, or waits for other jobs.
    """
    if not options.get("unique"):
        return
    if not options.get("job_id"):
        problem = "without a 'job_id', by which RQ would know it again"
        raise RqOptionError(intent.name, "unique", problem)
    for other in ("depends_on", "rate_limit"):
        if options.get(other):
            problem = f"and with {other!r}, which RQ cannot have together"
            raise RqOptionError(intent.name, "unique", problem)


@cache
def _known_options() -> frozenset[str]:
    accepted = signature(Queue.enqueue_call).parameters.keys()
    return frozenset((accepted | _FURTHER) - _REFUSED)
