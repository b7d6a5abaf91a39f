"""Dispatch options are those of a task's `using()`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from letters import in_context, ran, record, tasks

import airlock
from airlock import ArgumentError
from airlock.integrations.executors.django_tasks import DjangoTasksOptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOON = datetime(2101, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def dummy() -> Iterator[Any]:
    """The backend that keeps what it is given."""
    backend = tasks.task_backends["dummy"]
    backend.clear()
    yield backend
    backend.clear()


def enqueue(task: Any, options: dict[str, Any], **kwargs: Any) -> None:
    """Flush one effect with these options."""
    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(task, _dispatch_options=options, **kwargs)


@pytest.mark.parametrize(
    "options",
    [
        {"priority": -7},
        {"run_after": SOON},
        {"queue_name": "default", "priority": 3},
    ],
)
def test_each_option_reaches_the_task(dummy: Any, options: dict[str, Any]) -> None:
    """As Django's own `using()` has it."""
    enqueue(record.using(backend="dummy"), options)

    [result] = dummy.results
    assert {name: getattr(result.task, name) for name in options} == options


def test_the_backend_is_an_option(dummy: Any) -> None:
    """The one that the task was declared with is another."""
    enqueue(record, {"backend": "dummy"})

    assert len(dummy.results) == 1


def test_arguments_named_like_options_reach_the_task(dummy: Any) -> None:
    """A task about priorities has one of its own."""
    kwargs = {"priority": "high", "backend": "b", "run_after": "x", "queue_name": "q"}

    enqueue(record, {"backend": "dummy", "priority": 4}, **kwargs)

    [result] = dummy.results
    assert result.kwargs == kwargs
    assert result.task.priority == 4


@pytest.mark.parametrize("option", ["countdown", "takes_context", "func", "self"])
def test_an_unknown_option_is_refused(dummy: Any, option: str) -> None:
    """The text says who, what and what else there is."""
    with pytest.raises(DjangoTasksOptionError, match=f"^record .*'{option}'") as raised:
        enqueue(record, {"backend": "dummy", option: 60})

    assert "It knows: backend, priority, queue_name, run_after." in str(raised.value)
    assert dummy.results == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"backend": "immediate", "run_after": SOON}, "run_after"),
        ({"backend": "dummy", "queue_name": "nowhere"}, "nowhere"),
        ({"backend": "dummy", "priority": 101}, "priority must be"),
        (
            {"backend": "dummy", "run_after": datetime(2101, 1, 1)},  # noqa: DTZ001
            "aware",
        ),
        ({"backend": "dummi"}, "dummi"),
    ],
)
def test_what_the_backend_refuses_ends_the_flush(
    options: dict[str, Any], words: str
) -> None:
    """In Django's words, and a note says which effect it was."""
    with pytest.raises(Exception, match=words) as raised:
        enqueue(record, options)

    assert "dispatching record failed" in raised.value.__notes__[0]
    assert ran == []


@pytest.mark.parametrize(
    ("task", "name"), [(record, "self"), (in_context, "self"), (in_context, "context")]
)
def test_an_argument_of_the_workers_own_is_refused(
    dummy: Any, task: Any, name: str
) -> None:
    """Django accepts it, and the worker fails then, long after."""
    with pytest.raises(ArgumentError, match=f"named '{name}', which Django's worker"):
        enqueue(task, {"backend": "dummy"}, **{name: 1})

    assert dummy.results == []


def test_only_a_task_with_a_context_keeps_that_name(dummy: Any) -> None:
    """To the others it is a word like any other."""
    enqueue(record, {"backend": "dummy"}, context="a letter")

    assert dummy.results[0].kwargs == {"context": "a letter"}


def test_options_of_a_task_class_of_the_project_pass(
    dummy: Any,
) -> None:
    """A backend may name its own class of tasks, with more than Django has."""

    @dataclass(frozen=True, kw_only=True)
    class Stamped(tasks.Task if hasattr(tasks, "Task") else type(record)):  # type: ignore[misc]
        stamp: str = ""

        def using(self, *, stamp: str = "", **options: Any) -> Any:
            return type(self)(func=self.func, stamp=stamp, **options)

    task = Stamped(func=record.func, backend="dummy")

    enqueue(task, {"stamp": "express", "backend": "dummy", "priority": 2})

    [result] = dummy.results
    assert (result.task.stamp, result.task.priority) == ("express", 2)


def test_the_mapping_of_options_is_left_as_it_was() -> None:
    """One mapping commonly serves many enqueues."""
    options = {"backend": "dummy", "run_after": SOON + timedelta(1)}

    enqueue(record, options)

    assert options == {"backend": "dummy", "run_after": SOON + timedelta(1)}
