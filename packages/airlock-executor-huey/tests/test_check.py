"""What is refused at the call site where the scope verifies, beyond the contract."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import huey as library
import pytest
import queued_tasks
from huey import MemoryHuey
from huey.serializer import Serializer
from queued_tasks import insist, notify, ran

import airlock
from airlock import ArgumentError, NotATaskError, TaskArgumentsError

TOMORROW = datetime(2099, 1, 1, tzinfo=UTC)


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


def test_an_argument_that_cannot_be_serialised_is_named_with_its_task() -> None:
    """The error of the serializer says neither which task nor what to do."""
    error = refused(notify, lambda: None)

    assert isinstance(error, ArgumentError)
    assert "enqueue(queued_tasks:notify)" in str(error)
    assert "local object" in str(error)
    assert "the key of a row" in str(error)


def test_a_serializer_of_the_project_raises_what_it_likes() -> None:
    """Huey lets a project choose its own."""

    class Choosy(Serializer):  # type: ignore[misc]
        def _serialize(self, data: Any) -> bytes:
            raise KeyError(data.id)

    huey = MemoryHuey("choosy", serializer=Choosy())
    task = huey.task(name="shop.chosen")(lambda: None)

    error = refused(task, _dispatch_options={"id": "my-own"})

    assert "enqueue(shop.chosen)" in str(error)
    assert isinstance(error, ArgumentError)
    assert isinstance(error.__cause__, KeyError)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"eta": "tomorrow"}, "eta='tomorrow'"),
        ({"eta": TOMORROW, "delay": 60}, "delay=60"),
        ({"delay": "x"}, "delay='x'"),
        ({"delay": float("nan")}, "delay=nan"),
        ({"delay": float("inf")}, "delay=inf"),
        ({"delay": 10.0**12}, "delay=1000000000000"),
        ({"priority": "high"}, "priority='high'"),
        ({"retries": "3"}, "retries='3'"),
        ({"retries": 1.5}, "retries=1.5"),
        ({"retry_delay": timedelta(seconds=5)}, "retry_delay=datetime.timedelta"),
        ({"expires": "soon"}, "expires='soon'"),
        ({"expires": [60]}, r"expires=[60]"),
    ],
)
def test_an_option_that_huey_cannot_use_is_named_with_its_task(
    options: dict[str, Any], told: str
) -> None:
    """Huey itself tells at the flush, or in the worker, and not which task it was."""
    error = refused(notify, _dispatch_options=options)

    assert isinstance(error, ArgumentError)
    assert "enqueue(queued_tasks:notify)" in str(error)
    assert told in str(error)


@pytest.mark.skipif(not hasattr(library, "group"), reason="this Huey has no timeouts")
@pytest.mark.parametrize("option", ["timeout", "retry_backoff"])
def test_an_option_of_newer_hueys_is_checked_as_well(option: str) -> None:
    """The worker would fail with it."""
    assert f"{option}='2'" in str(refused(notify, _dispatch_options={option: "2"}))


def test_what_a_task_declares_is_checked_as_well() -> None:
    """A priority of its own takes the same way."""
    urgent = MemoryHuey("declared").task(priority="high", name="urgent")(print)

    assert "priority='high'" in str(refused(urgent))


def test_a_priority_that_the_storage_has_not_is_refused() -> None:
    """Huey raises `NotImplementedError` at the flush."""
    pytest.importorskip("redis", reason="RedisHuey needs redis-py")
    from unconnected_tasks import send

    error = refused(send, _dispatch_options={"priority": 1})

    assert isinstance(error, ArgumentError)
    assert "enqueue(unconnected_tasks:send)" in str(error)
    assert "PriorityRedisHuey" in str(error)


@pytest.mark.parametrize(
    "options",
    [
        {"priority": 2.5, "retries": 2, "retry_delay": 0.5, "expires": 60},
        {"expires": timedelta(seconds=60), "eta": TOMORROW, "id": "my-own"},
        {"expires": TOMORROW, "delay": timedelta(seconds=60), "priority": 0},
        {"expires": None, "delay": None, "priority": None, "retries": None},
    ],
)
def test_options_that_huey_can_use_pass(options: dict[str, Any]) -> None:
    """Whatever kinds of values it takes."""
    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(notify, _dispatch_options=options)

    assert queued_tasks.huey.pending_count() == 1


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
    error = refused(notify.s(lambda: None))

    assert isinstance(error, ArgumentError)
    assert "enqueue(notify)" in str(error)
    assert "local object" in str(error)


def test_a_message_that_can_be_queued_passes() -> None:
    """Once, when the scope ends."""
    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(notify.s(1))

        assert queued_tasks.huey.pending() == []

    assert queued_tasks.huey.pending_count() == 1


def test_a_plain_callable_is_checked_by_the_core_alone() -> None:
    """Nothing of Huey's is known about it."""
    with airlock.scope(executor="huey", verify=True):
        airlock.enqueue(ran.append, lambda: None)

    assert len(ran) == 1
