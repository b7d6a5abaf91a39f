"""The contract of all executors, on the database backend and its worker."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

import letters
import pytest
from django.core.management import call_command

from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@pytest.mark.django_db(transaction=True)
class TestDjangoTasksExecutor(ExecutorContract):
    valid_options: ClassVar[Mapping[str, Any]] = {"priority": 5, "queue_name": "mail"}
    unknown_options: ClassVar[Mapping[str, Any]] = {"countdown": 60}
    unserialisable = threading.Lock()
    reserved_names = frozenset({"self"})

    def executor(self) -> str:
        return "django_tasks"

    def make_task(self, function: Callable[..., None]) -> Any:
        """Return a task of the same name: a worker imports it by its path."""
        return getattr(letters, function.__name__)

    def drain(self) -> None:
        """Let the worker of django-tasks-db run what is queued, and end."""
        call_command(
            "db_worker", batch=True, queue_name="*", startup_delay=False, verbosity=0
        )

    def ran(self) -> list[Any]:
        return [(tuple(args), kwargs) for args, kwargs in letters.ran]

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        from django_tasks_db.models import DBTaskResult

        rows: Any = DBTaskResult.objects
        [queued] = rows.ready()
        return all(getattr(queued, name) == value for name, value in options.items())
