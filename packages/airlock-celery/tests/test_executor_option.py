"""Dispatch options: those of Celery's `apply_async()`, and no others."""

# Celery is untyped.
# mypy: disable-error-code="misc,no-untyped-call"
from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from celery import Celery, Task, chord
from executor_app import flush, make_app, make_task, queued
from kombu.connection import Connection
from kombu.entity import Queue

import airlock
from airlock.integrations.executors.celery import CeleryOptionError


@pytest.mark.parametrize(
    ("option", "value", "header"),
    [
        ("task_id", "my-own", "id"),
        ("shadow", "a name for logs", "shadow"),
        ("time_limit", 30, "timelimit"),
        ("ignore_result", True, "ignore_result"),
        ("argsrepr", "<secret>", "argsrepr"),
        ("retries", 2, "retries"),
        ("root_id", "of-a-workflow", "root_id"),
    ],
)
def test_an_option_is_honoured(option: str, value: object, header: str) -> None:
    """A sample: what the worker is told."""
    task = make_task()

    flush((task, 1), **{option: value})

    [message] = queued(task.app)
    told = message.headers[header]
    assert value in told if isinstance(told, list) else told == value


@pytest.mark.parametrize(
    ("option", "value"),
    [("priority", 3), ("reply_to", "answers"), ("correlation_id", "17")],
)
def test_a_property_of_the_message_is_an_option(option: str, value: object) -> None:
    """Celery passes them on to the broker."""
    task = make_task()

    flush((task, 1), **{option: value})

    [message] = queued(task.app)
    assert message.properties[option] == value


def test_an_eta_arrives_as_it_was_given() -> None:
    """To the second: it may be a deadline."""
    task = make_task()

    flush((task, 1), eta=datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC))

    [message] = queued(task.app)
    assert message.headers["eta"] == "2099-01-02T03:04:05+00:00"


def test_a_countdown_starts_at_the_flush() -> None:
    """The intent may have waited for a commit in between."""
    task = make_task()
    before = datetime.now(UTC)

    flush((task, 1), countdown=60)

    [message] = queued(task.app)
    assert datetime.fromisoformat(message.headers["eta"]) > before


def test_a_queue_is_chosen_by_its_name_or_as_itself() -> None:
    """Celery takes both."""
    app, other = make_app(), make_app()
    task = make_task(app)
    name = other.conf.task_default_queue

    flush((task, 1), queue=name)
    flush((task, 2), queue=Queue(name, routing_key=name))

    assert [message.args for message in queued(other)] == [[1], [2]]
    assert queued(app) == []


def test_headers_are_added_to_those_of_celery() -> None:
    """What a router or a signal handler of a project reads belongs there."""
    task = make_task()

    flush((task, 1), headers={"tenant": "north"})

    [message] = queued(task.app)
    assert message.headers["tenant"] == "north"
    assert message.headers["task"] == task.name


def test_a_stamp_is_no_unknown_option() -> None:
    """Celery's own way to send more along, as an option beside its list."""
    task = make_task()

    flush((task, 1), stamped_headers=["tenant"], tenant="north")

    [message] = queued(task.app)
    assert message.headers["stamps"] == {"tenant": "north"}


@pytest.mark.parametrize("option", ["contdown", "max_retries", "name", "self", 7])
def test_an_unknown_option_is_refused_with_the_task_and_the_known_ones(
    option: Any,
) -> None:
    """Celery accepts it in silence, and makes it a property that nobody reads."""
    task = make_task()

    with pytest.raises(CeleryOptionError) as caught:
        flush_with(task, {option: 60})

    message = str(caught.value)
    assert task.name in message
    assert repr(option) in message
    known = message.partition("It knows: ")[2].partition(". ")[0].split(", ")
    assert {"countdown", "eta", "headers", "link", "queue", "task_id"} <= {*known}
    assert known == sorted(known)
    assert queued(task.app) == []


def flush_with(task: Any, options: dict[Any, Any]) -> None:
    """Enqueue one task with options of any name, and flush."""
    with airlock.scope(executor="celery"):
        airlock.enqueue(task, _dispatch_options=options)


@pytest.mark.parametrize("option", ["args", "kwargs"])
def test_an_option_does_not_replace_the_arguments(option: str) -> None:
    """They are what policies and reports were shown."""
    task = make_task()

    with pytest.raises(CeleryOptionError, match="would replace the arguments"):
        flush_with(task, {option: [1]})


@pytest.mark.parametrize("option", ["producer", "publisher", "connection"])
def test_an_open_connection_cannot_wait_for_the_flush(option: str) -> None:
    """By then it has commonly been closed, or serves another thread."""
    task = make_task()

    with (
        Connection("memory://") as connection,
        pytest.raises(CeleryOptionError, match="open now"),
    ):
        flush_with(task, {option: connection})


def test_a_router_cannot_be_handed_on() -> None:
    """Celery would ask it, if it were not an object of this process."""
    task = make_task()

    with pytest.raises(CeleryOptionError, match="'queue' or 'routing_key'"):
        flush_with(task, {"router": object()})


def test_a_task_whose_class_overrides_celery_may_know_more() -> None:
    """Such as `once` of celery-once: nobody else can tell what it takes."""
    given = {}

    class Once(Task):
        def apply_async(self, *args: Any, once: Any = None, **options: Any) -> Any:
            given["once"] = once
            return super().apply_async(*args, **options)

    task = make_task(base=Once)

    flush((task, 1), once={"graceful": True})

    assert given == {"once": {"graceful": True}}
    assert len(queued(task.app)) == 1


def test_an_app_that_overrides_celery_may_know_more() -> None:
    """As those that tell tenants apart do."""

    class Tenants(Celery):
        def send_task(self, *args: Any, tenant: str = "", **options: Any) -> Any:
            return super().send_task(*args, headers={"tenant": tenant}, **options)

    app = Tenants("tenants", set_as_current=False)
    app.conf.update(broker_url="memory://", task_default_queue="airlock-tenants")
    task = make_task(app)

    flush((task, 1), tenant="north")

    [message] = queued(app)
    assert message.headers["tenant"] == "north"


def test_a_chord_takes_the_options_of_a_chord() -> None:
    """How often its end looks for the results; a task has no such option."""
    app = make_app(result_backend="cache+memory://")
    task = make_task(app)

    flush((chord([task.s(1), task.s(2)], task.s()),), interval=5, max_retries=9)

    assert [message.args for message in queued(app)[:2]] == [[1], [2]]
    with pytest.raises(CeleryOptionError):
        flush((chord([task.s(1)], task.s()),), contdown=5)


def test_an_unknown_option_is_a_type_error_of_airlock() -> None:
    """Like a wrong keyword argument, and caught with all else of airlock's."""
    assert issubclass(CeleryOptionError, TypeError)
    assert issubclass(CeleryOptionError, airlock.AirlockError)


def test_the_error_survives_pickling() -> None:
    """Test runners and process pools send exceptions to another process."""
    error = CeleryOptionError("shop.notify", "contdown", "is unknown", "Correct it.")

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == str(error)
