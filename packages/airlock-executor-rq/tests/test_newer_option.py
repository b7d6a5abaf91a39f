"""Options that only newer versions of RQ have."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest
from queued_functions import notify
from real_queue import calls, queued
from rq import Queue

import airlock
from airlock.integrations.executors.rq import RqExecutor, RqOptionError

if TYPE_CHECKING:
    from rq.job import Job

pytestmark = pytest.mark.service("redis")
needs_unique = pytest.mark.skipif(
    "unique" not in signature(Queue.enqueue_call).parameters,
    reason="this RQ has no unique jobs",
)


def enqueue(queue: Queue, options: dict[Any, Any], *, verify: bool = True) -> None:
    """Enqueue a function with options."""
    with airlock.scope(executor=RqExecutor(queue), verify=verify):
        airlock.enqueue(notify, 1, _dispatch_options=options)


def one(queue: Queue) -> Job:
    """Return the only job that waits."""
    [found] = queued(queue)
    return found


@needs_unique
def test_an_option_of_newer_versions_is_known_where_it_exists(queue: Queue) -> None:
    """The installed RQ decides, not a list in the executor."""
    options = {"unique": True, "job_id": f"{queue.name}-own"}
    enqueue(queue, options)

    with pytest.raises(Exception, match="own"):
        enqueue(queue, options)

    assert len(queued(queue)) == 1


@needs_unique
@pytest.mark.parametrize(
    ("others", "problem"),
    [
        ({}, "without a 'job_id'"),
        ({"job_id": None}, "without a 'job_id'"),
        ({"job_id": "own", "depends_on": "other"}, "and with 'depends_on'"),
        ({"job_id": "own", "rate_limit": object()}, "and with 'rate_limit'"),
    ],
)
def test_a_unique_job_needs_an_id_and_waits_for_no_other(
    queue: Queue, others: dict[str, Any], problem: str
) -> None:
    """RQ refuses it as well, but at the flush and without the name of the task."""
    for verify in (True, False):
        with pytest.raises(RqOptionError, match=f"notify .*'unique', {problem}"):
            enqueue(queue, {"unique": True, **others}, verify=verify)

    assert queued(queue) == []


@needs_unique
def test_a_job_that_is_not_unique_needs_no_id(queue: Queue) -> None:
    """Code that computes the option may come to that."""
    enqueue(queue, {"unique": False})

    assert calls(queue) == [(1,)]


def test_a_job_may_be_repeated(queue: Queue) -> None:
    """How often, and when, is kept with it."""
    repeat = pytest.importorskip("rq.repeat", reason="this RQ repeats no jobs").Repeat

    enqueue(queue, {"repeat": repeat(times=2, interval=[10, 20])})

    made = one(queue)
    assert (made.repeats_left, made.repeat_intervals) == (2, [10, 20])


def test_a_job_may_be_one_of_few_that_run_at_a_time(queue: Queue) -> None:
    """What is above the limit waits elsewhere."""
    limit = pytest.importorskip("rq.rate_limit", reason="this RQ has no rate limits")
    options = {"rate_limit": limit.RateLimit(f"{queue.name}-limit", concurrency=1)}

    with airlock.scope(executor=RqExecutor(queue), verify=True):
        airlock.enqueue(notify, 1, _dispatch_options=options)
        airlock.enqueue(notify, 2, _dispatch_options=options)
        airlock.enqueue(notify, 3)

    assert calls(queue) == [(1,), (3,)]


def test_a_job_may_tell_a_web_address_how_it_ended(queue: Queue) -> None:
    """Its webhooks are kept with it."""
    webhook = pytest.importorskip("rq.webhook", reason="this RQ has no webhooks")
    told = [webhook.Webhook("http://127.0.0.1/done", "finished")]

    enqueue(queue, {"webhooks": told})

    assert one(queue).webhooks == told
