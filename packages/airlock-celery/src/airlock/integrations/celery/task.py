"""The base class of tasks that are a boundary of their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from airlock.integrations.celery.boundary import (
    marking_replacement,
    replacing,
    run_in_scope,
)
from celery import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock import Executor, Policy, Scope

__all__ = ["AirlockTask"]


class AirlockTask(Task):  # type: ignore[misc]  # Celery is untyped
    """Run each execution in a scope: success flushes, any exception discards.

    The scope is what `airlock.scope()` makes; where no executor is configured, effects
    leave as Celery messages. The attributes choose otherwise for one task class.
    Called in place by other code, the task belongs to its caller's scope.

    Attributes:
        airlock_policy: Judges the effects of this task.
        airlock_executor: Dispatches them.
        airlock_scope: The scope class, or its name or import path.
    """

    abstract = True

    airlock_policy: ClassVar[Policy | str | None] = None
    airlock_executor: ClassVar[Executor | str | None] = None
    airlock_scope: ClassVar[Callable[..., Scope] | str | None] = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the task's
        """Run the task."""
        return run_in_scope(self, super().__call__, args, kwargs)

    def replace(self, sig: Any) -> Any:  # noqa: ANN401 - as Celery has it
        """Replace this task by another; what was enqueued before it still leaves."""
        with marking_replacement(self):
            return super().replace(sig)

    def on_replace(self, sig: Any) -> Any:  # noqa: ANN401 - as Celery has it
        """Send the replacement when the effects of this task have left."""
        return replacing(self, partial(super().on_replace, sig))
