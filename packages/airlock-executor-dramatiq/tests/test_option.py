"""Dispatch options: those that something in Dramatiq reads, and no others."""

# Some of Dramatiq is untyped.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import pickle
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, default_middleware
from dramatiq.results import Results
from queued_actors import Report, declare, notify, queued
from real_broker import make

import airlock
from airlock.integrations.executors.dramatiq import DramatiqOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What Dramatiq 1 says of backends whose libraries are not there.
pytestmark = pytest.mark.filterwarnings("ignore::ImportWarning")


class Tracing(Middleware):
    """Have an option of its own."""

    @property
    def actor_options(self) -> set[str]:
        return {"trace"}


def full_broker() -> StubBroker:
    """Return a broker with all the middleware that has options."""
    from dramatiq.results.backends.stub import StubBackend

    made = [kind() for kind in default_middleware if kind.__name__ != "Prometheus"]
    return StubBroker(middleware=[*made, Results(backend=StubBackend()), Tracing()])


def enqueue(options: Mapping[Any, Any], task: Any = notify, *args: Any) -> None:
    """Enqueue an actor with options."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(task, *(args or ("ada",)), _dispatch_options=options)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("max_retries", 9),
        ("max_retries", 0),
        ("min_backoff", 100),
        ("max_backoff", 200),
        pytest.param(
            *("on_retry_exhausted", "notify"),
            marks=pytest.mark.skipif(
                "on_retry_exhausted" not in Retries().actor_options,
                reason="this Dramatiq does not have it",
            ),
        ),
        ("time_limit", 1000),
        ("max_age", 1000),
        ("on_success", "notify"),
        ("on_failure", "notify"),
        ("notify_shutdown", True),
        ("store_results", True),
        ("result_ttl", 1000),
        ("pipe_ignore", True),
        ("broker_priority", 5),
        ("trace", "17"),
    ],
)
def test_an_option_that_is_read_is_part_of_the_message(option: str, value: Any) -> None:
    """Of Dramatiq's middleware, of its brokers, and of the project's own."""
    broker = full_broker()
    actor = declare(lambda _: None, broker)

    enqueue({option: value}, actor)

    [message] = queued(broker)
    assert message.options == {option: value}


@pytest.mark.parametrize("delay", [90_000, 90_000.5, timedelta(seconds=90)])
@pytest.mark.parametrize("elsewhere", [{}, {"queue_name": "default"}])
def test_a_delay_is_in_milliseconds(
    delay: float | timedelta, elsewhere: dict[str, str]
) -> None:
    """Whichever way the message takes to its queue."""
    earliest = time.time() * 1000 + 89_999

    enqueue({"delay": delay, **elsewhere})

    [message] = queued()
    assert message.queue_name == "default.DQ"
    assert earliest <= message.options["eta"] <= time.time() * 1000 + 90_001


@pytest.mark.parametrize("elsewhere", [{}, {"queue_name": "default"}])
def test_no_delay_is_none(elsewhere: dict[str, str]) -> None:
    """Code that computes one may come to that."""
    enqueue({"delay": None, **elsewhere})

    [message] = queued()
    assert (message.queue_name, message.options) == ("default", {})


@pytest.mark.parametrize("delay", ["60", True, [60], float("nan"), float("inf")])
def test_what_is_no_delay_is_refused(delay: object) -> None:
    """Dramatiq would add it to a number, or what the text says to nothing."""
    with pytest.raises(airlock.ArgumentError, match=r"notify.*delay=.*timedelta"):
        enqueue({"delay": delay})

    assert queued() == []


def test_another_queue_is_honoured() -> None:
    """Dramatiq itself ignores the option without a word."""
    enqueue({"queue_name": "invoices", "on_failure": notify})

    [message] = queued(queue="invoices")
    assert message.queue_name == "invoices"
    assert message.options == {"on_failure": "notify"}
    assert queued() == []


@pytest.mark.parametrize("queue", ["", None, 7])
def test_what_is_no_queue_is_refused(queue: object) -> None:
    """A message to nowhere is lost."""
    with pytest.raises(airlock.ArgumentError, match=r"notify.*queue_name="):
        enqueue({"queue_name": queue})


@pytest.mark.parametrize("option", ["on_success", "on_failure", "on_retry_exhausted"])
@pytest.mark.parametrize("elsewhere", [{}, {"queue_name": "default"}])
def test_a_callback_may_be_an_actor(option: str, elsewhere: dict[str, str]) -> None:
    """The message carries its name: Dramatiq takes one for two of them itself."""
    broker = full_broker()
    if option not in broker.actor_options:
        pytest.skip("this Dramatiq does not have it")
    actor = declare(lambda _: None, broker)

    enqueue({option: actor, **elsewhere}, actor)

    [message] = queued(broker)
    assert message.options == {option: "task"}


def test_a_callback_may_be_an_actor_by_class() -> None:
    """That is an actor as well, though Dramatiq takes its name alone."""
    enqueue({"on_success": Report})

    [message] = queued()
    assert message.options == {"on_success": "Report"}


@pytest.mark.parametrize("callback", [print, 5])
def test_what_is_no_callback_is_refused(callback: object) -> None:
    """Dramatiq says so of two of the options, and encodes the third."""
    with pytest.raises(airlock.ArgumentError, match=r"notify.*on_success=.*an actor"):
        enqueue({"on_success": callback})

    assert queued() == []


def test_an_unknown_option_is_refused_with_the_task_and_the_known_ones() -> None:
    """Celery's `countdown` would otherwise be lost: Dramatiq accepts anything."""
    with pytest.raises(DramatiqOptionError) as caught:
        enqueue({"countdown": 60})

    message = str(caught.value)
    assert "notify" in message
    assert "'countdown'" in message
    known = message.partition("It knows: ")[2].partition(". ")[0].split(", ")
    assert {"delay", "queue_name", "on_success"} <= {*known}
    assert known == sorted(known)
    assert queued() == []


@pytest.mark.parametrize(
    "option", ["args", "kwargs", "priority", "message_id", "eta", "retry_when", 7]
)
def test_what_only_looks_like_an_option_is_refused(option: object) -> None:
    """Those of actors, and of Dramatiq's methods, that no message has."""
    broker = full_broker()
    actor = declare(lambda _: None, broker)

    with pytest.raises(DramatiqOptionError):
        enqueue({option: 1}, actor)


@pytest.mark.parametrize("option", ["max_retries", "store_results", "time_limit"])
def test_an_option_without_its_middleware_is_refused(option: str) -> None:
    """A time limit that nobody keeps is worse than an error."""
    with pytest.raises(DramatiqOptionError, match="middleware"):
        enqueue(
            {option: 1},
            declare(lambda _: None, StubBroker(middleware=[])),
        )


@pytest.mark.parametrize(
    ("kind", "parameters", "is_known"),
    [
        ("redis", {}, False),
        ("rabbitmq", {}, False),
        ("rabbitmq", {"max_priority": 9}, True),
    ],
)
def test_a_priority_is_known_where_the_broker_has_them(
    kind: str,
    parameters: dict[str, Any],
    is_known: bool,  # noqa: FBT001
) -> None:
    """Redis has none, and RabbitMQ only in queues that were made for it."""
    broker = make(kind, "unused", **parameters)
    actor = declare(lambda _: None, broker)
    raised: list[Exception] = []

    with airlock.scope(airlock.DropAll(), executor="dramatiq", verify=True):
        try:
            airlock.enqueue(actor, 1, _dispatch_options={"broker_priority": 5})
        except DramatiqOptionError as error:
            raised.append(error)

    assert bool(raised) is not is_known


def test_an_unknown_option_is_a_type_error_of_airlock() -> None:
    """Like a wrong keyword argument, and caught with all else of airlock's."""
    assert issubclass(DramatiqOptionError, TypeError)
    assert issubclass(DramatiqOptionError, airlock.AirlockError)


def test_the_error_survives_pickling() -> None:
    """Test runners and process pools send exceptions to another process."""
    error = DramatiqOptionError("notify", "countdown", ("delay", "max_age"))

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == str(error)
