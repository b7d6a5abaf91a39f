"""What a call in the old way says that cannot be buffered, or not as it stands."""

# ruff: noqa: PLW0108
# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator,no-untyped-call"
from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from celery import chain, group
from kombu.connection import Connection
from kombu.messaging import Producer
from override_tasks import Tracing
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)
from airlock.integrations.executors.celery import CeleryOptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = memory_app()


def body(address: str = "nobody", *more: str, **kwargs: Any) -> None:
    """Be the body of a task."""


plain = app.task(body, name="plain", shared=False)
shimmed = app.task(body, name="shimmed", base=LegacyTaskShim, shared=False)
traced = app.task(body, name="traced", base=Tracing, shared=False)


@pytest.fixture(autouse=True)
def _nothing_queued_yet() -> None:
    queued(app)


@pytest.fixture
def _intercepted() -> Iterator[None]:
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


@pytest.mark.usefixtures("_intercepted")
@pytest.mark.parametrize(
    "call",
    [
        # Not the method itself, which is not intercepted yet.
        lambda **options: shimmed.apply_async(**options),
        lambda **options: plain.apply_async(**options),
        lambda **options: plain.s().apply_async(**options),
        lambda **options: plain.s().set(**options).delay(),
        lambda **options: group([plain.s()], app=app).apply_async(**options),
        lambda **options: app.send_task("far.away", **options),
    ],
    ids=["shim", "task", "signature", "options of it", "group", "send_task"],
)
@pytest.mark.parametrize("option", ["max_retries", "router", "contdown"])
def test_an_option_is_refused_by_the_call_that_gives_it(
    call: Callable[..., Any], option: str
) -> None:
    """The line of the flush would not tell whose mistake it was."""
    with airlock.scope(executor="celery") as scope:
        with advised(), pytest.raises(CeleryOptionError, match=f"option '{option}'"):
            call(**{option: 3})
        assert scope.intents == []


@pytest.mark.usefixtures("_intercepted")
def test_outside_a_scope_celery_decides_about_options() -> None:
    """As it ever did."""
    with advised():
        plain.apply_async(max_retries=3)

    assert len(queued(app)) == 1


@pytest.mark.usefixtures("_intercepted")
def test_a_class_that_overrides_celery_may_take_what_it_likes() -> None:
    """Only it knows."""
    with airlock.scope(policy=airlock.DropAll()) as scope, advised():
        traced.apply_async(once=True)

    assert [intent.dispatch_options for intent in scope.intents] == [{"once": True}]


def test_a_connection_to_the_broker_of_the_app_is_not_needed() -> None:
    """The message reaches the same queue, by a connection that is open then."""
    with (
        app.connection_for_write() as connection,
        Producer(connection) as producer,
        airlock.scope(executor="celery") as scope,
        advised(),
    ):
        shimmed.apply_async(("ada",), connection=connection)
        shimmed.apply_async(("bob",), producer=producer)
        shimmed.apply_async(("cem",), publisher=producer, connection=None)

    assert [intent.dispatch_options for intent in scope.intents] == [None] * 3
    assert len(queued(app)) == 3


@pytest.mark.parametrize("option", ["connection", "producer", "publisher"])
def test_a_connection_to_another_broker_is_refused_at_the_call(option: str) -> None:
    """Without it, the message would go astray."""
    with Connection("memory://elsewhere") as other:
        value = other if option == "connection" else Producer(other)
        with (
            airlock.scope(executor="celery"),
            advised(),
            pytest.raises(CeleryOptionError, match=f"'{option}', .* another broker"),
        ):
            shimmed.apply_async(("ada",), **{option: value})

    assert queued(app) == []


def test_a_connection_that_failed_over_is_known() -> None:
    """It names all brokers of the app, whichever it has reached."""
    brokers = "memory://one;memory://two"
    own = memory_app()
    own.conf.broker_url = brokers
    task = own.task(body, base=LegacyTaskShim, name="own", shared=False)
    with Connection(brokers) as connection:
        connection.switch("memory://two")
        with airlock.scope(policy=airlock.DropAll()) as scope, advised():
            task.apply_async(("ada",), connection=connection)

    assert len(scope.intents) == 1


@pytest.mark.parametrize("name", ["_origin", "_dispatch_options"])
@pytest.mark.parametrize(
    "call",
    [
        shimmed.delay,
        lambda *args, **kwargs: shimmed.s(*args).delay(**kwargs),
        lambda *args, **kwargs: plain.delay(*args, **kwargs),
        lambda *args, **kwargs: plain.s("bob").delay(*args, **kwargs),
        lambda *args, **kwargs: app.send_task("far.away", args, kwargs),
    ],
    ids=["shim", "signature of it", "task", "signature", "send_task"],
)
def test_a_task_may_have_an_argument_that_enqueue_takes(
    request: pytest.FixtureRequest, name: str, call: Callable[..., Any]
) -> None:
    """Names of the project's own are none of airlock's business."""
    if call != shimmed.delay:
        request.getfixturevalue("_intercepted")

    with airlock.scope(executor="celery"), advised():
        call("ada", **{name: "own", "subject": "hello"})

    [message] = queued(app)
    assert message.args[0] == "ada"
    assert message.kwargs == {name: "own", "subject": "hello"}


def test_the_warning_says_how_to_write_it() -> None:
    """As an argument of `enqueue()` it would not arrive."""
    with airlock.scope(policy=airlock.DropAll()), advised() as caught:
        shimmed.delay("ada", _origin="web")

    [warning] = caught
    text = "airlock.enqueue(body.s(_origin='web'), 'ada')"
    assert str(warning.message).endswith(text)


@pytest.mark.usefixtures("_intercepted")
@pytest.mark.parametrize("kind", [chain, group], ids=["chain", "group"])
def test_arguments_that_a_member_would_drop_are_refused_at_the_call(kind: Any) -> None:
    """As at the flush, whose line would not tell whose mistake it was."""
    canvas = kind(plain.si("ada"), plain.si("bob"), app=app)

    with airlock.scope(executor="celery") as scope:
        with advised(), pytest.raises(airlock.ArgumentError, match="immutable"):
            canvas.delay("cem")
        assert scope.intents == []


@pytest.mark.usefixtures("_intercepted")
@pytest.mark.parametrize("given", [("ada",), ((), "ada")], ids=["args", "kwargs"])
@pytest.mark.parametrize(
    "call",
    [
        lambda *given: shimmed.apply_async(*given),
        lambda *given: plain.apply_async(*given),
        lambda *given: app.send_task("far.away", *given),
    ],
    ids=["shim", "task", "send_task"],
)
def test_a_string_is_no_list_of_arguments(
    call: Callable[..., Any], given: tuple[Any, ...]
) -> None:
    """Celery refuses it, and the worker would be given single characters."""
    with airlock.scope() as scope:
        with pytest.raises(TypeError, match=r"a list or tuple|a mapping"):
            call(*given)
        assert scope.intents == []


@pytest.mark.usefixtures("_intercepted")
def test_a_canvas_cannot_have_such_an_argument() -> None:
    """Which of its members takes it is Celery's secret."""
    canvas = group([plain.s(), plain.s()], app=app)

    with (
        airlock.scope(policy=airlock.DropAll()),
        pytest.raises(airlock.ArgumentError, match="a group got an argument named _or"),
    ):
        canvas.delay(_origin="web")


def test_the_error_about_a_broker_survives_pickling() -> None:
    """It tells of the connection, and does not hold it."""
    with (
        Connection("memory://elsewhere") as other,
        airlock.scope(),
        advised(),
        pytest.raises(CeleryOptionError) as caught,
    ):
        shimmed.apply_async(connection=other)

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
