"""A job that RQ has made already is one effect."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from queued_functions import Report, invoice, notify, ran
from real_queue import queued, run_all
from rq import Callback, Queue

import airlock
from airlock import NotATaskError
from airlock.integrations.executors.rq import RqExecutor

pytestmark = pytest.mark.service("redis")


def enqueue(queue: Queue, function: Any, *args: Any, **kwargs: Any) -> None:
    """Enqueue one function, where the scope verifies as well."""
    with airlock.scope(executor=RqExecutor(queue), verify=True):
        airlock.enqueue(function, *args, **kwargs)


class Local:
    """A value of a class that says it is of `__main__`."""

    __module__ = "__main__"

    def send(self) -> None:
        """Be a bound method."""


def test_a_job_is_enqueued_as_it_is(queue: Queue) -> None:
    """It was made complete, and its id is the way to the result."""
    made = queue.create_job(invoice, args=(17,), timeout=5)

    with airlock.scope(executor="rq", verify=True):
        airlock.enqueue(made)  # type: ignore[call-overload]
        assert queued(queue) == []

    [found] = queued(queue)
    assert (found.id, found.timeout) == (made.id, 5)
    assert airlock.Intent(made).name == "queued_functions:invoice"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "beside", [{"args": (1,)}, {"kwargs": {"a": 1}}, {"options": {"timeout": 5}}]
)
def test_a_job_takes_nothing_beside_it(queue: Queue, beside: dict[str, Any]) -> None:
    """RQ has no place for it, so it would be lost without a word."""
    made: Any = queue.create_job(invoice, args=(17,))
    args, kwargs = beside.get("args", ()), beside.get("kwargs", {})

    with pytest.raises(NotATaskError, match=r"queued_functions:invoice.*beside it"):  # noqa: SIM117
        with airlock.scope(executor=RqExecutor(queue)):
            airlock.enqueue(
                made, *args, **kwargs, _dispatch_options=beside.get("options")
            )

    assert queued(queue) == []


@pytest.mark.parametrize(
    "function",
    [
        lambda: None,
        "queued_functions.invoise",
        "nowhere.invoice",
        "__main__.invoice",
        "sys.path",
        Local().send,
        {}.clear,
    ],
)
def test_a_job_that_no_worker_can_import_is_refused(
    queue: Queue, function: Any
) -> None:
    """RQ makes it all the same, and the worker fails."""
    made: Any = queue.create_job(function)

    for verify in (True, False):
        scope = airlock.scope(executor=RqExecutor(queue), verify=verify)
        with (
            pytest.raises(NotATaskError, match="a wrong function, ") as caught,
            scope,
        ):
            airlock.enqueue(made)

        assert airlock.Intent(made).name in str(caught.value)
    assert queued(queue) == []


@pytest.mark.parametrize(
    ("function", "args", "effect"),
    [
        (Report("May").send, (2,), ("May", 2)),
        (Report("May"), (2,), ("May", 2)),
        (functools.partial(notify, 1), (2,), ((1, 2), {})),
        ("queued_functions.Report.nothing", (), "nothing"),
    ],
)
def test_whatever_a_worker_can_call_may_be_that_of_a_job(
    queue: Queue, function: Any, args: tuple[Any, ...], effect: object
) -> None:
    """Also what is given by its path, and need not be imported to make the job."""
    made = queue.create_job(function, args=args, on_success=Callback(notify))

    enqueue(queue, made)
    run_all(queue)

    assert ran[0] == effect


@pytest.mark.parametrize("name", ["on_success", "on_failure", "on_stopped"])
def test_the_callbacks_of_a_job_are_imported_too(queue: Queue, name: str) -> None:
    """In the worker, when it is too late for anybody to be told."""
    given: dict[str, Any] = {name: Callback(lambda: None)}
    made = queue.create_job(notify, **given)

    for verify in (True, False):
        with (
            pytest.raises(NotATaskError, match=f":notify with a wrong {name}"),
            airlock.scope(executor=RqExecutor(queue), verify=verify),
        ):
            airlock.enqueue(made)  # type: ignore[call-overload]

    assert queued(queue) == []
