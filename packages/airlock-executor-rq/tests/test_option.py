"""Dispatch options: those of RQ, and no others."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from queued_functions import notify
from real_queue import calls, connect, queued
from rq import Callback, Queue, Retry

import airlock
from airlock.integrations.executors.rq import RqExecutor, RqOptionError

if TYPE_CHECKING:
    from rq.job import Job

pytestmark = pytest.mark.service("redis")


def enqueue(queue: Queue, options: dict[Any, Any], *, verify: bool = True) -> None:
    """Enqueue a function with options."""
    with airlock.scope(executor=RqExecutor(queue), verify=verify):
        airlock.enqueue(notify, 1, _dispatch_options=options)


def one(queue: Queue) -> Job:
    """Return the only job that waits."""
    [found] = queued(queue)
    return found


@pytest.mark.parametrize(
    ("option", "value", "attribute", "expected"),
    [
        ("timeout", 50, "timeout", 50),
        ("job_timeout", "1m", "timeout", 60),
        ("result_ttl", 60, "result_ttl", 60),
        ("failure_ttl", 60, "failure_ttl", 60),
        ("ttl", 60, "ttl", 60),
        ("description", "a word", "description", "a word"),
        ("meta", {"a": 1}, "meta", {"a": 1}),
        ("job_id", "my-own", "id", "my-own"),
        ("retry", Retry(max=3, interval=[1]), "retries_left", 3),
        ("on_success", Callback(notify), "success_callback", notify),
        ("on_failure", Callback(notify), "failure_callback", notify),
        ("on_stopped", Callback(notify), "stopped_callback", notify),
    ],
)
def test_an_option_becomes_part_of_the_job(
    queue: Queue, option: str, value: Any, attribute: str, expected: Any
) -> None:
    """Each under the name that RQ has for it."""
    if option == "job_id":
        value = expected = f"{queue.name}-{value}"

    enqueue(queue, {option: value})

    assert getattr(one(queue), attribute) == expected


def test_a_job_may_go_to_the_front(queue: Queue) -> None:
    """An order of arrival is only the order among equals."""
    with airlock.scope(executor=RqExecutor(queue)):
        airlock.enqueue(notify, 1)
        airlock.enqueue(notify, 2)
        airlock.enqueue(notify, 3, _dispatch_options={"at_front": True})

    assert calls(queue) == [(3,), (1,), (2,)]


def test_a_job_may_depend_on_another(queue: Queue) -> None:
    """It waits elsewhere until that is done."""
    first = queue.enqueue(notify)

    enqueue(queue, {"depends_on": first})

    assert len(queued(queue)) == 1
    assert queue.deferred_job_registry.count == 1


@pytest.mark.parametrize("is_name", [True, False])
def test_another_queue_is_honoured(queue: Queue, *, is_name: bool) -> None:
    """By name it is one of the same kind, in the same Redis."""
    other = Queue(f"{queue.name}-other", connection=queue.connection)

    enqueue(queue, {"queue": other.name if is_name else other})

    assert queued(queue) == []
    assert calls(other) == [(1,)]


def test_the_queue_itself_is_no_other_queue(queue: Queue) -> None:
    """Generic code may name it always."""
    enqueue(queue, {"queue": queue.name})
    enqueue(queue, {"queue": None})

    assert calls(queue) == [(1,), (1,)]


@pytest.mark.parametrize("named", ["", 7])
def test_what_is_no_queue_is_refused(queue: Queue, named: object) -> None:
    """A job for nobody is lost."""
    with pytest.raises(airlock.ArgumentError, match=r"notify.*queue="):
        enqueue(queue, {"queue": named})


@pytest.mark.parametrize(
    "when",
    [
        {"enqueue_in": timedelta(seconds=90)},
        {"enqueue_at": timedelta(seconds=90)},
    ],
)
def test_a_job_may_wait_for_its_time(queue: Queue, when: dict[str, Any]) -> None:
    """In RQ's registry of scheduled jobs, with its other options."""
    if "enqueue_at" in when:
        when = {"enqueue_at": datetime.now(UTC) + when["enqueue_at"]}

    enqueue(queue, {**when, "timeout": 5})

    assert queued(queue) == []
    [number] = queue.scheduled_job_registry.get_job_ids()
    found = queue.fetch_job(number)
    assert found is not None
    assert (tuple(found.args), found.timeout) == ((1,), 5)
    due = queue.scheduled_job_registry.get_scheduled_time(number)
    assert timedelta(seconds=80) < due - datetime.now(UTC) <= timedelta(seconds=91)


def test_a_job_that_waits_has_the_timeout_of_its_queue(queue: Queue) -> None:
    """If it is given none."""
    enqueue(queue, {"enqueue_in": timedelta(seconds=90)})

    [number] = queue.scheduled_job_registry.get_job_ids()
    found = queue.fetch_job(number)
    assert found is not None
    assert found.timeout == Queue.DEFAULT_TIMEOUT


def test_no_time_is_now(queue: Queue) -> None:
    """Code that computes one may come to that."""
    enqueue(queue, {"enqueue_in": None})

    assert calls(queue) == [(1,)]


@pytest.mark.parametrize("when", [{"enqueue_in": 60}, {"enqueue_at": "noon"}])
def test_what_is_no_time_is_refused(queue: Queue, when: dict[str, Any]) -> None:
    """At the flush and where the scope verifies."""
    for verify in (True, False):
        with pytest.raises(airlock.ArgumentError, match="notify"):
            enqueue(queue, when, verify=verify)


@pytest.mark.parametrize("verify", [True, False])
def test_an_unknown_option_is_refused_with_the_task_and_the_known_ones(
    queue: Queue, *, verify: bool
) -> None:
    """Celery's `countdown` would otherwise be an argument of RQ's that fails."""
    with pytest.raises(RqOptionError) as caught:
        enqueue(queue, {"countdown": 60}, verify=verify)

    message = str(caught.value)
    assert "queued_functions:notify" in message
    assert "'countdown'" in message
    known = message.partition("It knows: ")[2].partition(". ")[0].split(", ")
    assert {"at_front", "depends_on", "job_timeout", "queue"} <= {*known}
    assert known == sorted(known)
    assert queued(queue) == []


@pytest.mark.parametrize(
    "option", ["args", "kwargs", "func", "f", "pipeline", "self", 7]
)
def test_what_only_looks_like_an_option_is_refused(
    queue: Queue, option: object
) -> None:
    """Parameters of RQ's methods that would replace the arguments."""
    with pytest.raises(RqOptionError):
        enqueue(queue, {option: 1}, verify=False)


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 5, "job_timeout": 6},
        {"enqueue_in": timedelta(1), "enqueue_at": datetime(2099, 1, 1, tzinfo=UTC)},
    ],
)
def test_two_answers_to_one_question_are_refused(
    queue: Queue, options: dict[str, Any]
) -> None:
    """Either could be meant."""
    with pytest.raises(RqOptionError, match="as well"):
        enqueue(queue, options)


@pytest.mark.parametrize("options", [{"ttl": -1}, {"timeout": 0}, {"timeout": "soon"}])
def test_a_value_that_rq_refuses_is_refused_at_the_call_site(
    queue: Queue, options: dict[str, Any]
) -> None:
    """With the name of the task, which RQ does not say."""
    with pytest.raises(airlock.ArgumentError, match=r"enqueue.queued_functions:not"):
        enqueue(queue, options)


def test_meta_that_cannot_be_serialised_is_refused_at_the_call_site() -> None:
    """It is the serializer's as well as the arguments; and nothing is sent for it."""
    with connect() as connection:
        queue = Queue("unused", connection=connection)
        options = {"meta": {"a": lambda: None}}

        with pytest.raises(airlock.ArgumentError, match="notify"):
            enqueue(queue, options)


def test_an_unknown_option_is_a_type_error_of_airlock() -> None:
    """Like a wrong keyword argument, and caught with all else of airlock's."""
    assert issubclass(RqOptionError, TypeError)
    assert issubclass(RqOptionError, airlock.AirlockError)


def test_the_error_survives_pickling() -> None:
    """Test runners and process pools send exceptions to another process."""
    error = RqOptionError("shop:notify", "countdown", "which RQ does not know")

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == str(error)
