"""What is refused at the call site where the scope verifies, beyond the contract."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django_q.brokers import get_broker
from django_q.models import Task
from django_q.tasks import AsyncTask, Chain
from parcels import send, send_pair, send_slowly
from queued_parcels import queued

import airlock
from airlock import ArgumentError, NotATaskError, TaskArgumentsError
from airlock.integrations.executors.django_q import DjangoQOptionError

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)


def refused(task: Any, *args: Any, **kwargs: Any) -> Exception | None:
    """Enqueue what must be refused there and then, and return the error."""
    error: Exception | None = None
    with airlock.scope(executor="django_q", verify=True) as scope:
        try:
            airlock.enqueue(task, *args, **kwargs)
        except Exception as caught:  # noqa: BLE001 - each test says which it must be
            error = caught

    assert scope.intents == []
    assert queued() == []
    return error


@pytest.mark.parametrize(
    "make",
    [
        lambda: lambda: None,
        lambda: partial(send, lambda: None),
        lambda: AsyncTask(lambda: None),
        lambda: Chain([(send, (lambda: None,))]),
    ],
)
def test_what_cannot_be_pickled_is_refused_by_its_name(make: Any) -> None:
    """The words of pickle alone do not say whose it was."""
    task = make()

    error = refused(task)

    assert isinstance(error, ArgumentError)
    assert str(error).startswith(f"enqueue({airlock.Intent(task).name}) got what")


def test_an_argument_that_cannot_be_pickled_is_refused() -> None:
    """At the line that wrote it."""
    assert "enqueue(parcels:send) got what cannot" in str(refused(send, [lambda: 1]))


@pytest.mark.parametrize("hook", ["parcels.hok", "nowhere.hook", "hook"])
def test_a_hook_that_is_not_there_is_refused(hook: str) -> None:
    """The cluster writes a line into its log, and nobody is told of the result."""
    error = refused(send, 1, _dispatch_options={"hook": hook})

    assert isinstance(error, ArgumentError)
    assert f"'hook' as '{hook}'" in str(error)


def test_arguments_must_fit_the_function() -> None:
    """The cluster would tell in a row of its table of failures."""
    assert isinstance(refused(send_pair, 1), TaskArgumentsError)


def test_what_no_cluster_could_run_is_refused() -> None:
    """As at the flush, with the same errors."""
    assert isinstance(refused(send_slowly), NotATaskError)
    assert isinstance(refused(object()), NotATaskError)
    assert isinstance(refused(AsyncTask(send), 1), NotATaskError)
    unknown = {"countdown": 60}
    assert isinstance(refused(send, _dispatch_options=unknown), DjangoQOptionError)


def test_a_query_is_not_run_to_see_whether_it_can_be_pickled(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Pickling one runs it, and at the enqueue nothing is decided yet."""
    with (
        airlock.scope(airlock.DropAll(), executor="django_q", verify=True),
        django_assert_num_queries(0),
    ):
        airlock.enqueue(send, Task.objects.all())


def test_what_can_be_queued_passes() -> None:
    """A broker stays in this process, so it need not be pickled."""
    options = {"hook": "parcels.hook", "broker": get_broker()}

    with airlock.scope(executor="django_q", verify=True):
        airlock.enqueue(send, 1, group="mine", _dispatch_options=options)
        airlock.enqueue(AsyncTask(send, 2, broker=get_broker()))

    assert [message["args"] for message in queued()] == [(1,), (2,)]
