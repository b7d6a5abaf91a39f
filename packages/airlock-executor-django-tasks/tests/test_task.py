"""Tasks, and what is none, on the backends that come with the library."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import letters
import pytest
from letters import in_context, later, ran, record, tasks

import airlock
from airlock import NotATaskError
from airlock.integrations.executors.django_tasks import django_tasks_executor

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def dummy() -> Iterator[Any]:
    """The backend that keeps what it is given, empty again at the end."""
    backend = tasks.task_backends["dummy"]
    backend.clear()
    yield backend
    backend.clear()


def test_the_executor_is_selected_by_its_name() -> None:
    """Applications write the name, and need not import anything."""
    assert airlock.resolve_executor("django-tasks") is django_tasks_executor


def test_a_task_is_enqueued_at_the_flush(dummy: Any) -> None:
    """Once, with its arguments, and it does not run here."""
    task = record.using(backend="dummy")

    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(task, "ada", subject="hello")
        assert dummy.results == []

    [result] = dummy.results
    assert (result.args, result.kwargs) == (["ada"], {"subject": "hello"})
    assert ran == []


def test_the_immediate_backend_runs_the_task_at_the_flush_and_not_before() -> None:
    """Django's default: no worker, and still no early effect."""
    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(record.using(backend="immediate"), "ada")
        letters.write("end of block")

    assert ran == [("end of block",), (["ada"], {})]


def test_the_immediate_backend_keeps_what_a_task_raises_to_itself() -> None:
    """Django's choice, to which the executor adds nothing: the flush succeeds."""
    with airlock.scope(executor="django_tasks") as scope:
        airlock.enqueue(letters.fail.using(backend="immediate"))

    assert scope.is_flushed
    assert ran == [(["attempt"], {})]


def test_a_task_that_is_a_coroutine_function_runs() -> None:
    """The queue runs it; to airlock it is a task like any other."""
    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(later.using(backend="immediate"), "ada")

    assert ran == [(["ada"], {})]


def test_a_task_may_take_its_context() -> None:
    """Django gives it, so that the enqueue does not."""
    with airlock.scope(executor="django_tasks", verify=True):
        airlock.enqueue(in_context.using(backend="immediate"), "ada")

    assert ran == [(["ada", 1], {})]


def test_tuples_arrive_as_lists(dummy: Any) -> None:
    """JSON has no tuples: a task that unpacks one sees no difference."""
    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(record.using(backend="dummy"), ("ada", (1, 2)))

    [result] = dummy.results
    assert result.args == [["ada", [1, 2]]]


def test_a_plain_function_runs_in_place() -> None:
    """A function can become a task later without touching who enqueues it."""
    done: list[int] = []

    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(done.append, 1, _dispatch_options={"countdown": 60})

    assert done == [1]


def test_methods_of_the_same_names_make_no_task() -> None:
    """What merely looks like a task is refused, not half understood."""
    lookalike: Any = SimpleNamespace(enqueue=letters.write, using=dict, func=print)

    with pytest.raises(NotATaskError), airlock.scope(executor="django_tasks"):
        airlock.enqueue(lookalike, 1)

    assert ran == []


def test_without_the_executor_a_task_says_what_to_select() -> None:
    """A Django task is not callable, so running it in place is an error."""
    with pytest.raises(NotATaskError, match="Select the executor"), airlock.scope():
        airlock.enqueue(record, 1)


@pytest.mark.parametrize("library", ["django.tasks.base", "django_tasks.base"])
def test_a_task_of_either_library_is_one(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Django 6 a project may still hold tasks of the backport."""

    class Task:
        takes_context = False

        def using(self) -> None: ...

        def enqueue(self, *args: object) -> None:
            letters.write(*args)

    module = ModuleType(library)
    module.Task = Task  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, library, module)
    task: Any = Task()

    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(task, "ada")

    assert ran == [("ada",)]
