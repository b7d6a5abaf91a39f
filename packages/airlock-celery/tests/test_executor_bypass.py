"""What the executor publishes is marked, for what intercepts Celery's calls."""

# Celery is untyped.
# mypy: disable-error-code="misc,no-untyped-call"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import Task
from executor_app import flush, make_app, make_task
from kombu.exceptions import EncodeError

import airlock
from airlock.integrations.executors.celery.publishing import is_publishing

if TYPE_CHECKING:
    from collections.abc import Callable


class Watched(Task):
    """Notes whether each of its messages is marked."""

    marks: list[bool]

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """Publish as Celery does, and take a note."""
        self.marks.append(is_publishing(self.name))
        return super().apply_async(*args, **options)


@pytest.fixture
def task() -> Any:
    """Return a task that notes its marks."""
    made = make_task(make_app(result_backend="cache+memory://"), base=Watched)
    made.marks = []
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda task: task,
        lambda task: task.s(),
    ],
    ids=["task", "signature"],
)
def test_what_leaves_at_a_flush_is_marked(
    task: Any, make: Callable[[Any], Any]
) -> None:
    """Alone or among others; a scope has decided about it."""
    flush((make(task),))
    flush((make(task),), (make(task),))

    assert task.marks == [True, True, True]


def test_it_is_marked_while_an_outer_scope_is_active(task: Any) -> None:
    """Interception would buffer it there, and it would leave twice or never."""
    with airlock.scope(executor="celery"):
        with airlock.scope(executor="celery"):
            airlock.enqueue(task)

        assert task.marks == [True]


def test_the_mark_ends_with_the_call(task: Any) -> None:
    """A plain function of the same flush is as free as anywhere."""
    seen: list[bool] = []

    flush((task,), (lambda: seen.append(is_publishing(task.name)),), (task,))

    assert seen == [False]


def test_the_mark_ends_when_celery_raises(task: Any) -> None:
    """The rest of the request is not decided by that."""
    with pytest.raises(EncodeError):
        flush((task, object()))

    assert not is_publishing(task.name)
