"""Dispatch options: those of a task's `using()`, and no others."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from airlock import AirlockError, ArgumentError

if TYPE_CHECKING:
    from airlock import Intent

__all__ = ["DjangoTasksOptionError", "prepared"]


class DjangoTasksOptionError(AirlockError, TypeError):
    """A Django task knows no dispatch option of that name."""

    def __init__(self, task: str, option: object, known: tuple[str, ...]) -> None:
        super().__init__(task, option, known)

    def __str__(self) -> str:
        task, option, known = self.args
        return (
            f"{task} was enqueued with the dispatch option {option!r}, which its "
            f"using() does not know. It knows: {', '.join(known)}. Correct "
            f"_dispatch_options; what is meant for the task itself is a plain argument."
        )


def prepared(intent: Intent) -> Any:  # noqa: ANN401 - a task of either library
    """Return the task with the options of the intent, ready to be enqueued.

    Raises:
        DjangoTasksOptionError: If the task does not know an option.
        ArgumentError: If Django would take an argument for one of its own.
    """
    task: Any = intent.task
    options = dict(intent.dispatch_options or {})
    _check_options(intent.name, task, options)
    _check_names(intent)
    return task.using(**options) if options else task


def _check_options(name: str, task: Any, options: dict[str, Any]) -> None:  # noqa: ANN401
    parameters = signature(task.using).parameters
    # The task class of a backend may add options, and pass the others on.
    if any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values()):
        return
    for option in options:
        if option not in parameters:
            raise DjangoTasksOptionError(name, option, tuple(sorted(parameters)))


def _check_names(intent: Intent) -> None:
    task: Any = intent.task
    # The worker calls `task.call(*args, **kwargs)`, a method.
    reserved = {"self", "context"} if task.takes_context else {"self"}
    for argument in sorted(reserved & intent.kwargs.keys()):
        raise ArgumentError(
            f"enqueue({intent.name})",
            f"an argument named {argument!r}, which Django's worker gives to the task "
            f"itself",
            "it under another name",
        )
