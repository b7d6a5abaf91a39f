"""What is refused at the call site where the scope verifies, beyond the contract."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django_q.brokers import get_broker
from django_q.models import Task
from django_q.tasks import AsyncTask, Chain, Iter
from parcels import send, send_pair, send_slowly
from queued_parcels import queued

import airlock
from airlock import ArgumentError, NotATaskError, TaskArgumentsError
from airlock.integrations.executors.django_q import DjangoQOptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)


class SlowClerk:
    """Is called like a coroutine function."""

    async def __call__(self) -> None:
        """Send nothing."""


def at_flush(task: Any, *args: Any, **kwargs: Any) -> Exception | None:
    """Let a flush refuse it, and return the error."""
    try:
        with airlock.scope(executor="django_q"):
            airlock.enqueue(task, *args, **kwargs)
    except Exception as caught:  # noqa: BLE001 - each test says which it must be
        return caught
    return None


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


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (SlowClerk, "SlowClerk, a coroutine function"),
        (lambda: partial(SlowClerk()), "SlowClerk, a coroutine function"),
        (lambda: partial(send_slowly), "parcels:send_slowly, a coroutine function"),
        (lambda: AsyncTask(send_slowly), "parcels:send_slowly with .*, a coroutine"),
        (lambda: AsyncTask("parcels.snd", 1), "AsyncTask with 'parcels.snd', which"),
        (lambda: AsyncTask("parcels.ran", 1), "with 'parcels.ran', a list that"),
        (lambda: AsyncTask("parcels.send_slowly"), "slowly', a coroutine function"),
        (lambda: AsyncTask("broken_parcels.send"), "ImportError: no such parcel"),
        (lambda: Iter("parcels.snd", [1]), "Iter with 'parcels.snd', which"),
        (Iter, "Iter with None, a NoneType that cannot be called"),
        (lambda: Chain([("parcels.snd", (1,))]), "Chain with 'parcels.snd', which"),
        (lambda: Chain([send, send_slowly]), "Chain with .*slowly.*, a coroutine"),
    ],
)
def test_a_function_that_no_cluster_could_run_is_refused(
    make: Callable[[], Any], problem: str
) -> None:
    """Wherever it stands, at the call site and at the flush."""
    for error in (refused(make()), at_flush(make())):
        assert isinstance(error, NotATaskError)
        assert re.search(problem, str(error))
    assert queued() == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"timeout": "abc"}, "'timeout' as 'abc'. Pass a whole number"),
        ({"timeout": None}, "'timeout' as None. Pass a whole number"),
        ({"broker": "x"}, "'broker' as 'x'. Pass"),
        ({"chain": 5}, "'chain' as 5. Pass a list"),
        ({"chain": (send,)}, "'chain' as .*. Pass a list"),
    ],
)
def test_an_option_that_would_break_the_cluster_is_refused(
    options: dict[str, Any], problem: str
) -> None:
    """Its processes die of some of them, and nobody is told of the others."""
    prepared = AsyncTask(send, 1, **options), AsyncTask(send, 1, q_options=options)
    for error in (
        refused(send, 1, _dispatch_options=options),
        at_flush(send, 1, _dispatch_options=options),
        *map(refused, prepared),
        *map(at_flush, prepared),
    ):
        assert isinstance(error, ArgumentError)
        assert re.search(rf"^enqueue\(parcels:send\) got .*{problem}", str(error))
    assert queued() == []


def test_a_chain_with_a_step_that_is_not_there_is_refused() -> None:
    """The cluster would find it out when the steps before it are done."""
    options = {"chain": [send, ("parcels.snd", (1,))]}

    for error in (
        refused(send, 1, _dispatch_options=options),
        at_flush(send, 1, _dispatch_options=options),
    ):
        assert isinstance(error, NotATaskError)
        assert "parcels:send with 'parcels.snd', which" in str(error)


def test_an_empty_chain_is_refused() -> None:
    """Django-q fails on it without a word of what it is."""
    for error in (refused(Chain()), at_flush(Chain())):
        assert isinstance(error, ArgumentError)
        assert "Chain) got no steps" in str(error)


def test_the_hook_of_an_async_task_is_looked_for_too() -> None:
    """As that of an option."""
    error = refused(AsyncTask(send, 1, hook="parcels.hok"))

    assert isinstance(error, ArgumentError)
    assert "'hook' as 'parcels.hok'" in str(error)


def test_paths_are_followed_where_django_q_does() -> None:
    """It takes them in what is prepared, and in a chain."""
    steps: list[Any] = ["parcels.send", ("parcels.send", [1]), (send, (2,), {"a": 3})]

    with airlock.scope(executor="django_q", verify=True):
        airlock.enqueue(AsyncTask("parcels.send", 4, chain=[]))
        airlock.enqueue(Chain(steps))
        airlock.enqueue(Iter("parcels.send", [5]))
        airlock.enqueue(send, 6, _dispatch_options={"chain": [send], "broker": None})

    assert [message["args"] for message in queued()] == [(4,), (), (5,), (6,)]


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
