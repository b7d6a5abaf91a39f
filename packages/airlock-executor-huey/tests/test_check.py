"""What is refused at the call site where the scope verifies, beyond the contract."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

import huey as library
import pytest
import queued_tasks
from huey import MemoryHuey
from queued_tasks import insist, notify, ran

import airlock
from airlock import NotATaskError, TaskArgumentsError


def refused(task: Any, *args: Any, **kwargs: Any) -> Exception | None:
    """Enqueue what must be refused there and then, and return the error."""
    error: Exception | None = None
    with airlock.scope(executor="huey", verify=True) as scope:
        try:
            airlock.enqueue(task, *args, **kwargs)
        except Exception as caught:  # noqa: BLE001 - each test says which it must be
            error = caught

    assert scope.intents == []
    return error


def test_the_error_names_the_task_and_its_signature() -> None:
    """Huey's wrapper itself takes anything, so the function is what counts."""
    error = refused(insist, "ada", copies=2)

    assert isinstance(error, TaskArgumentsError)
    assert "queued_tasks:insist" in str(error)
    assert "(address: 'str') -> 'str'" in str(error)


def test_the_error_of_the_serializer_arrives_unchanged() -> None:
    """Huey lets a project choose its own serializer; its words are the best."""
    error = refused(notify, lambda: None)

    assert "local object" in str(error)


def test_a_context_task_is_given_its_message_by_huey() -> None:
    """So its caller leaves that argument out."""
    huey = MemoryHuey("context-check")

    @huey.task(context=True)
    def introspect(subject: str, task: Any) -> None: ...

    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(introspect, "hello")

    assert huey.pending_count() == 1
    assert isinstance(refused(introspect), TaskArgumentsError)


def test_a_function_that_tells_no_signature_is_not_judged() -> None:
    """Some built-in ones are like that."""
    huey = MemoryHuey("builtin-check")
    smallest = huey.task()(min)

    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(smallest, 1, 2)

    assert huey.pending_count() == 1


def test_a_message_takes_nothing_beside_it() -> None:
    """As at the flush."""
    assert isinstance(refused(notify.s(1), 2), NotATaskError)


def test_a_message_that_cannot_be_serialised_is_refused() -> None:
    """Its arguments were given to Huey, and are arguments all the same."""
    assert "local object" in str(refused(notify.s(lambda: None)))


def test_a_message_that_can_be_queued_passes() -> None:
    """Once, when the scope ends."""
    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(notify.s(1))

        assert queued_tasks.huey.pending() == []

    assert queued_tasks.huey.pending_count() == 1


@pytest.mark.skipif(not hasattr(library, "group"), reason="this Huey has no groups")
def test_a_group_made_from_a_generator_is_not_used_up() -> None:
    """A generator can be read only once, and the flush must."""
    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(library.group(notify.s(number) for number in range(3)))

    assert queued_tasks.huey.pending_count() == 3


def test_a_plain_callable_is_checked_by_the_core_alone() -> None:
    """Nothing of Huey's is known about it."""
    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(ran.append, lambda: None)

    assert len(ran) == 1
