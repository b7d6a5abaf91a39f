"""Queues of every kind: what a project makes of them holds for each job."""

from __future__ import annotations

from typing import Any

import pytest
from queued_functions import notify, ran
from real_queue import calls, queued
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

import airlock
from airlock.integrations.executors.rq import RqExecutor

pytestmark = pytest.mark.service("redis")


class Marking(Queue):
    """Sees each job before it leaves, as a queue that waits for a commit does."""

    def enqueue_job(self, job: Job, *args: Any, **kwargs: Any) -> Any:
        """Leave a mark."""
        job.meta["marked"] = True
        return super().enqueue_job(job, *args, **kwargs)


class Regional(Queue):
    """Is not made as RQ's own is."""

    def __init__(self, region: str, connection: Any, **settings: Any) -> None:
        super().__init__(f"{region}-mail", connection, **settings)
        self.region = region

    def create_job(self, *args: Any, **kwargs: Any) -> Job:
        """Say where each comes from."""
        return super().create_job(*args, **{**kwargs, "meta": {"region": self.region}})


def test_a_queue_named_by_an_option_is_of_the_same_kind(queue: Queue) -> None:
    """With all that was set on it, and all that its class adds."""
    own = Regional(queue.name, queue.connection, default_timeout=9)
    name = f"{queue.name}-other"

    with airlock.scope(executor=RqExecutor(own)):
        airlock.enqueue(notify, 1, _dispatch_options={"queue": name})
        airlock.enqueue(notify, 2, _dispatch_options={"queue": name})

    jobs = queued(Queue(name, connection=queue.connection))
    assert [(job.args[0], job.origin, job.timeout) for job in jobs] == [
        (1, name, 9),
        (2, name, 9),
    ]
    assert [job.meta for job in jobs] == [{"region": queue.name}] * 2
    assert own.name == f"{queue.name}-mail"


def test_jobs_for_a_named_queue_leave_together(
    queue: Queue, commands: list[int]
) -> None:
    """Though each names it anew."""
    with airlock.scope(executor=RqExecutor(queue)):
        for number in range(50):
            options = {"queue": f"{queue.name}-other"}
            airlock.enqueue(notify, number, _dispatch_options=options)

    assert len(commands) <= 3


def made_by(queue: Queue, *arguments: Any) -> Any:
    """Return a job of this queue that has not left."""
    return queue.create_job(notify, args=arguments)


def test_a_job_of_the_queue_of_the_executor_goes_through_that_one(
    queue: Queue,
) -> None:
    """It may run jobs in place, or be of a class of the project."""
    here = Queue(queue.name, connection=queue.connection, is_async=False)
    marking = Marking(queue.name, connection=queue.connection)

    with airlock.scope(executor=RqExecutor(here)):
        airlock.enqueue(made_by(here, 1))
    with airlock.scope(executor=RqExecutor(marking)):
        airlock.enqueue(made_by(marking, 2))

    assert ran == [((1,), {})]
    [found] = queued(queue)
    assert found.meta == {"marked": True}


def test_a_job_of_another_queue_goes_there_in_the_way_of_the_executor(
    queue: Queue,
) -> None:
    """Which is what a queue named by an option does."""
    own = Marking(queue.name, connection=queue.connection)
    other = Queue(f"{queue.name}-other", connection=queue.connection)

    with airlock.scope(executor=RqExecutor(own)):
        airlock.enqueue(made_by(other, 1))

    [found] = queued(other)
    assert (found.origin, found.meta) == (other.name, {"marked": True})
    assert queued(queue) == []


def test_a_job_stays_in_its_own_redis(queue: Queue) -> None:
    """Queues of one name in two of them are two queues."""
    with Redis(host="127.0.0.1", port=6379, db=1) as elsewhere:
        own = Queue(queue.name, connection=elsewhere)

        with airlock.scope(executor=RqExecutor(own)):
            airlock.enqueue(made_by(queue, 1))

        assert own.get_job_ids() == []
    assert calls(queue) == [(1,)]


def test_a_job_without_a_queue_goes_to_that_of_the_executor(queue: Queue) -> None:
    """`Job.create()` of RQ leaves it open."""
    own = Marking(queue.name, connection=queue.connection)
    made: Any = Job.create(notify, args=(17,), connection=queue.connection)

    with airlock.scope(executor=RqExecutor(own), verify=True):
        airlock.enqueue(made)

    [found] = queued(queue)
    assert (found.args[0], found.meta) == (17, {"marked": True})


def test_a_job_keeps_the_serializer_it_was_made_with(queue: Queue) -> None:
    """Its arguments have been written down with it."""
    own = Queue(queue.name, connection=queue.connection, serializer=JSONSerializer)

    with airlock.scope(executor=RqExecutor(own), verify=True):
        airlock.enqueue(made_by(own, [1]))

    assert [job.args for job in own.get_jobs()] == [[[1]]]
