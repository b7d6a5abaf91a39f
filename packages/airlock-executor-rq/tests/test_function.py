"""Functions of every kind: what is enqueued, with which arguments, and where to."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from queued_functions import Report, notify, ran
from real_queue import calls, clear, queued, run_all
from rq import Queue
from rq.decorators import job
from rq.serializers import JSONSerializer

import airlock
from airlock import ArgumentError, NotATaskError
from airlock.integrations.executors.rq import RqExecutor, rq_executor

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.service("redis")

OPTION_NAMES = (
    *("job_id", "description", "meta", "job_timeout", "timeout", "at_front"),
    *("depends_on", "queue", "func", "args", "kwargs", "pipeline", "self"),
)


@pytest.fixture
def decorated() -> Iterator[Any]:
    """Lend a function for RQ's `@job`, which writes on it."""
    yield notify
    vars(notify).clear()


def enqueue(queue: Queue, function: Any, *args: Any, **kwargs: Any) -> None:
    """Enqueue one function, where the scope verifies as well."""
    with airlock.scope(executor=RqExecutor(queue), verify=True):
        airlock.enqueue(function, *args, **kwargs)


def test_a_function_waits_in_the_queue_with_its_arguments(queue: Queue) -> None:
    """The effect belongs in the worker, not in the request."""
    enqueue(queue, notify, "ada", subject="hello")

    [found] = queued(queue)
    assert found.func_name == "queued_functions.notify"
    assert (tuple(found.args), found.kwargs) == (("ada",), {"subject": "hello"})
    assert ran == []


def test_arguments_named_like_options_reach_the_function(queue: Queue) -> None:
    """`queue.enqueue(f, job_id=7)` would make 7 the id of the job."""
    kwargs = dict.fromkeys(OPTION_NAMES, 7)

    with airlock.scope(executor=RqExecutor(queue), verify=True):
        airlock.enqueue(notify, **kwargs)
        airlock.enqueue(notify, **kwargs, _dispatch_options={"job_timeout": 5})
    run_all(queue)

    assert ran == [((), kwargs), ((), kwargs)]


@pytest.mark.parametrize(
    ("function", "args", "effect"),
    [
        (Report("May").send, (2,), ("May", 2)),
        (Report("May"), (2,), ("May", 2)),
        (Report.of_today, (), "Report"),
        (Report.nothing, (), "nothing"),
        (functools.partial(notify, 1), (2,), ((1, 2), {})),
    ],
)
def test_whatever_a_worker_can_call_is_enqueued(
    queue: Queue, function: Any, args: tuple[Any, ...], effect: object
) -> None:
    """RQ pickles the object of a method, and imports the rest."""
    enqueue(queue, function, *args)
    run_all(queue)

    assert ran == [effect]


def in_main() -> Any:
    """Return a function that says it is of `__main__`."""
    function: Any = functools.partial(notify).func
    copy = type(function)(function.__code__, {}, "notify")
    copy.__module__ = "__main__"
    return copy


class Local:
    """A value of a class that says it is of `__main__`."""

    __module__ = "__main__"

    def send(self) -> None:
        """Be a bound method."""


def moved() -> None:
    """Say to be in a module where it is not."""


moved.__module__ = "queued_functions"


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (lambda: None, "cannot import"),
        (functools.partial(lambda: None), "cannot import"),
        (functools.wraps(notify)(lambda: None), "cannot import"),
        (moved, "cannot import"),
        ({}.clear, "cannot import"),
        (in_main(), "__main__"),
        (Local().send, "__main__"),
        (Local, "cannot call"),
    ],
)
def test_what_no_worker_can_import_is_refused(
    queue: Queue, function: Any, problem: str
) -> None:
    """RQ would take most of it, and the worker fail."""
    for verify in (True, False):
        scope = airlock.scope(executor=RqExecutor(queue), verify=verify)
        with pytest.raises(NotATaskError, match=problem) as caught, scope:
            airlock.enqueue(function)

        name = airlock.Intent(function).name
        assert str(caught.value).startswith(f"Expected a task, got {name}, which")
    assert queued(queue) == []


def test_what_cannot_be_called_is_refused(queue: Queue) -> None:
    """A message of another queue, say."""

    class Message:
        name = "shop.notify"

    message: Any = Message()

    with pytest.raises(NotATaskError, match=r"shop\.notify, no function"):  # noqa: SIM117
        with airlock.scope(executor=RqExecutor(queue)):
            airlock.enqueue(message)


def test_a_function_without_a_queue_is_an_error_with_a_way_out() -> None:
    """The name of the executor says nothing of a queue."""
    with pytest.raises(ArgumentError, match="queued_functions:notify") as caught:  # noqa: SIM117
        with airlock.scope(executor="rq"):
            airlock.enqueue(notify)

    assert "RqExecutor(queue)" in str(caught.value)
    assert "@job" in str(caught.value)


def test_an_executor_is_made_with_a_queue_or_without() -> None:
    """Its name is commonly what somebody has at hand."""
    with pytest.raises(ArgumentError, match="'default'"):
        RqExecutor("default")  # type: ignore[arg-type]

    assert repr(rq_executor) == "RqExecutor()"


def test_an_executor_shows_its_queue(queue: Queue) -> None:
    """An error of the scope may name it."""
    assert queue.name in repr(RqExecutor(queue))


@pytest.mark.parametrize("is_name", [True, False])
def test_a_decorated_function_goes_to_its_own_queue(
    queue: Queue, decorated: Any, *, is_name: bool
) -> None:
    """Whichever executor it meets, with the options that it was declared with."""
    own = f"{queue.name}-own"
    place = own if is_name else Queue(own, connection=queue.connection)
    job(place, connection=queue.connection, timeout=600, meta={"a": 1})(decorated)

    with airlock.scope(executor="rq", verify=True):
        airlock.enqueue(decorated, 1, depends_on="mine")
    with airlock.scope(executor=RqExecutor(queue)):
        airlock.enqueue(decorated, 2, _dispatch_options={"timeout": 5})

    assert queued(queue) == []
    first, second = queued(Queue(own, connection=queue.connection))
    assert (first.kwargs, first.timeout, first.meta) == (
        {"depends_on": "mine"},
        600,
        {"a": 1},
    )
    assert (second.timeout, second.meta) == (5, {"a": 1})


def test_an_enqueue_method_makes_no_decorated_function(queue: Queue) -> None:
    """Other libraries and projects write one on functions, too."""
    vars(notify)["enqueue"] = lambda: None
    try:
        enqueue(queue, notify, 1)
    finally:
        vars(notify).clear()

    assert calls(queue) == [(1,)]


def test_a_queue_that_runs_in_place_does(queue: Queue) -> None:
    """As RQ's `is_async=False` has it, for tests."""
    here = Queue(queue.name, connection=queue.connection, is_async=False)

    with airlock.scope(executor=RqExecutor(here)):
        airlock.enqueue(notify, 1)
        airlock.enqueue(notify, 2)

    assert ran == [((1,), {}), ((2,), {})]


def test_a_project_may_have_a_serializer_of_its_own(queue: Queue) -> None:
    """Its words are the best, and the task is named beside them."""
    strict = Queue(queue.name, connection=queue.connection, serializer=JSONSerializer)

    with airlock.scope(executor=RqExecutor(strict), verify=True) as scope:
        airlock.enqueue(notify, [1])
        with pytest.raises(ArgumentError, match=r"notify.*not JSON serializable"):
            airlock.enqueue(notify, {1})

    assert len(scope.intents) == 1
    assert [job.args for job in strict.get_jobs()] == [[[1]]]
    clear(queue.connection, queue.name)
