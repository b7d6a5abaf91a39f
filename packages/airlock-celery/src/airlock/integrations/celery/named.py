"""A task of which only the name counts."""

from __future__ import annotations

from typing import Any

from kombu.utils.objects import cached_property

from celery.canvas import Signature
from celery.exceptions import NotRegistered

__all__ = ["NamedTask"]

# What Celery's methods take, and what tasks return, is untyped.
# ruff: noqa: ANN401


class NamedTask(Signature):  # type: ignore[misc]  # Celery is untyped
    """Be sent as `send_task()` does, also where the process knows the task.

    A signature of Celery's would bring the options of the task's class then, and
    refuse arguments that the worker's version of the task may well take.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task in place, if this process knows it."""
        return self.app.tasks[self.task](*args, **kwargs)

    def apply_async(
        self,
        args: Any = None,
        kwargs: Any = None,
        route_name: Any = None,
        **options: Any,
    ) -> Any:
        """Send the name."""
        args, kwargs, _ = self._merge(args, kwargs)
        options["route_name"] = route_name
        return self.app.send_task(self.task, args, kwargs, **options)

    @cached_property
    def type(self) -> Any:
        """Say what Celery says of a task that the process does not know."""
        raise NotRegistered(self.task)
