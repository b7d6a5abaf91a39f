"""What is refused at the line of the enqueue, where the scope verifies."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="misc,no-untyped-call,untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from broker_proxy import refusing_port
from celery import Task, chain, group
from executor_app import add, make_app, make_task

import airlock
from airlock import ArgumentError, NotATaskError, TaskArgumentsError
from airlock.integrations.executors.celery import CeleryOptionError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def app() -> Iterator[Any]:
    """Return an app whose broker and result backend are not there."""
    with refusing_port() as port:
        nowhere = f"redis://127.0.0.1:{port}/0"
        yield make_app(broker_url=nowhere, result_backend=nowhere)


def refused(task: Any, *args: Any, **kwargs: Any) -> Exception | None:
    """Enqueue what may be refused there and then; return the error, send nothing."""
    error: Exception | None = None
    scope = airlock.scope(executor="celery", verify=True).enter()
    try:
        airlock.enqueue(task, *args, **kwargs)
    except Exception as caught:  # noqa: BLE001 - each test says which it must be
        error = caught
    scope.exit()
    scope.discard()
    assert len(scope.intents) == (error is None)
    return error


@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {}), ((1, 2, 3), {}), ((1,), {"wrong": 2})]
)
def test_arguments_that_do_not_fit_are_refused(
    app: Any, args: Any, kwargs: Any
) -> None:
    """With the name and the signature of the task, and without a broker."""
    error = refused(make_task(app, add), *args, **kwargs)

    assert isinstance(error, TaskArgumentsError)
    assert "executor_app.add" in str(error)
    assert "(left: 'int', right: 'int' = 1)" in str(error)


def test_arguments_that_fit_pass(app: Any) -> None:
    """And nothing is sent: the broker is not there."""
    task = make_task(app, add)

    assert refused(task, 1) is None
    assert refused(task, 1, right=2) is None
    assert refused(task.s(1), 2) is None
    assert refused(task, 1, _dispatch_options={"countdown": 60}) is None


def test_a_bound_task_is_given_itself_by_celery(app: Any) -> None:
    """So its caller leaves that argument out."""

    def introspect(self: Any, number: int) -> None: ...

    task = make_task(app, introspect, bind=True)

    assert refused(task, 1) is None
    error = refused(task, 1, 2)
    assert isinstance(error, TaskArgumentsError)
    assert "(number: 'int')" in str(error)


def test_a_task_that_celery_does_not_check_is_not_checked(app: Any) -> None:
    """`typing=False` is how a project says that the worker knows better."""
    assert refused(make_task(app, add, typing=False), 1, 2, 3) is None


def test_a_task_with_a_run_method_of_its_own_is_not_checked(app: Any) -> None:
    """Celery does not, either."""

    class Notify(Task):
        name = "airlock.check"

        def run(self, address: str) -> None: ...

    assert refused(app.register_task(Notify()), 1, 2, 3) is None


def test_an_argument_that_the_serializer_refuses_is_refused(app: Any) -> None:
    """With the name of the task, and the words of the serializer."""
    error = refused(make_task(app), object())

    assert isinstance(error, ArgumentError)
    assert "executor_app.record" in str(error)
    assert "'json'" in str(error)
    assert "not JSON serializable" in str(error)


def test_the_serializer_of_the_task_or_of_the_options_counts(app: Any) -> None:
    """Pickle takes what JSON does not."""
    pickling = make_task(app, serializer="pickle")

    assert refused(pickling, object()) is None
    assert refused(pickling, lambda: None) is not None
    assert refused(pickling, object(), _dispatch_options={"serializer": "json"})
    assert refused(pickling.s(object())) is None
    assert refused(pickling.s(object()).set(serializer="json")) is not None


def test_the_serializer_of_the_app_counts_where_the_task_is_not_known(app: Any) -> None:
    """A signature can be made of a name alone."""
    assert refused(app.signature("elsewhere.task", args=(1,))) is None
    assert refused(app.signature("elsewhere.task", args=(object(),))) is not None


def test_an_unknown_serializer_is_refused_by_celery(app: Any) -> None:
    """In its own words, which name those that are installed."""
    error = refused(make_task(app), 1, _dispatch_options={"serializer": "jsno"})

    assert "jsno" in str(error)


def test_models_are_serialised_as_celery_does_it(app: Any) -> None:
    """A task with `pydantic=True` makes dictionaries of them first, save for pickle."""

    class Dumping(Task):
        name = "airlock.dumping"

        def run(self, *args: Any) -> None: ...

        def _dump_pydantic_arguments(self, args: Any, kwargs: Any) -> Any:
            return [str(arg) for arg in args], kwargs

    task = app.register_task(Dumping())

    assert refused(task, object()) is None
    unpicklable = lambda: None  # noqa: E731 - it is an argument
    assert refused(task, unpicklable) is None
    assert refused(task, unpicklable, _dispatch_options={"serializer": "pickle"})


def test_an_unknown_option_is_refused(app: Any) -> None:
    """As at the flush."""
    error = refused(make_task(app), 1, _dispatch_options={"contdown": 60})

    assert isinstance(error, CeleryOptionError)


def test_arguments_beside_an_immutable_signature_are_refused(app: Any) -> None:
    """As at the flush."""
    assert isinstance(refused(make_task(app).si(1), 2), ArgumentError)


def test_a_signature_is_checked_with_its_own_and_the_further_arguments(
    app: Any,
) -> None:
    """Celery merges them before it looks."""
    task = make_task(app, add)

    assert isinstance(refused(task.s(1, 2), 3), TaskArgumentsError)
    assert isinstance(refused(task.s(1, right=2), wrong=3), TaskArgumentsError)
    assert refused(task.s(1, right=2), right=3) is None


def test_the_members_of_a_canvas_are_not_read(app: Any) -> None:
    """A generator is for the flush to read; what a step is given is not known yet."""
    task, read = make_task(app, add), []

    def members() -> Any:
        read.append(1)
        yield task.s(1)

    assert refused(group(members())) is None
    assert refused(chain(task.s(1, 2), task.s())) is None
    assert read == []


def test_the_class_of_a_task_is_refused(app: Any) -> None:
    """As at the flush."""
    assert isinstance(refused(make_task(app).__class__), NotATaskError)


def test_a_plain_callable_is_checked_by_the_core_alone() -> None:
    """Nothing of Celery's is known about it, and nothing is serialised."""
    assert refused([].append, object()) is None
