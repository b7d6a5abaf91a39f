"""What is refused at the call site where the scope verifies, beyond the contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from letters import in_context, ran, record, record_pair, tasks

import airlock
from airlock import ArgumentError, TaskArgumentsError
from airlock.integrations.executors.django_tasks import DjangoTasksOptionError


def refused(task: Any, *args: Any, **kwargs: Any) -> Exception | None:
    """Enqueue what must be refused there and then, and return the error."""
    error: Exception | None = None
    with airlock.scope(executor="django_tasks", verify=True) as scope:
        try:
            airlock.enqueue(task, *args, **kwargs)
        except Exception as caught:  # noqa: BLE001 - each test says which it must be
            error = caught

    assert scope.intents == []
    return error


def test_the_error_names_the_task_and_its_signature() -> None:
    """A Django task itself has none, so the function is what counts."""
    error = refused(record_pair, 1, third=2)

    assert isinstance(error, TaskArgumentsError)
    assert "record_pair cannot be called" in str(error)
    assert "(first: 'object', second: 'object')" in str(error)


@pytest.mark.parametrize(
    "argument",
    [lambda: None, object(), {1, 2}, b"\xff", float("nan"), float("-inf")],
)
def test_what_json_cannot_carry_is_refused_by_the_tasks_name(argument: Any) -> None:
    """A lambda is in no worker, and Django's words do not say whose it was."""
    error = refused(record, [argument])

    assert isinstance(error, ArgumentError)
    assert "enqueue(record) got an argument that JSON cannot carry" in str(error)


@pytest.mark.parametrize(
    "options",
    [
        {"run_after": datetime(2101, 1, 1)},  # noqa: DTZ001
        {"queue_name": "nowhere"},
        {"priority": 1000},
        {"backend": "nowhere"},
        {"backend": "immediate", "run_after": datetime(2101, 1, 1)},  # noqa: DTZ001
    ],
)
def test_what_the_backend_does_not_support_is_refused(options: dict[str, Any]) -> None:
    """With the task, the options and Django's own reason."""
    error = refused(record, _dispatch_options=options)

    assert isinstance(error, ArgumentError)
    assert f"enqueue(record) got _dispatch_options={options!r}" in str(error)


def test_an_unknown_option_is_refused() -> None:
    """As at the flush, with the same error."""
    error = refused(record, _dispatch_options={"countdown": 60})

    assert isinstance(error, DjangoTasksOptionError)


def test_an_argument_of_the_workers_own_is_refused() -> None:
    """As at the flush, with the same error."""
    error = refused(in_context, "ada", context=1)

    assert "an argument named 'context'" in str(error)


def test_a_context_is_given_by_django_and_not_missed() -> None:
    """So its caller leaves that argument out, and no other."""
    assert isinstance(refused(in_context), TaskArgumentsError)

    with airlock.scope(executor="django_tasks", verify=True):
        airlock.enqueue(in_context.using(backend="immediate"), "ada")

    assert ran == [(["ada", 1], {})]


def test_a_lambda_cannot_become_a_task() -> None:
    """Django itself says so, where the task is made."""
    with pytest.raises(Exception, match="module level"):
        tasks.task(lambda: None)


def test_a_plain_function_is_not_judged() -> None:
    """It runs here, where any argument can be carried."""
    done: list[Any] = []

    with airlock.scope(executor="django_tasks", verify=True):
        airlock.enqueue(done.append, object)

    assert done == [object]
