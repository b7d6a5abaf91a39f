"""Which queues are sent batches, and which jobs share one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from queued_functions import notify, ran
from real_queue import calls, flushed, queued
from rq import Queue
from rq.job import Job

import airlock
from airlock.integrations.executors.rq import RqExecutor

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.service("redis")


class Stamping(Queue):
    """Has defaults of its own, as django-rq does."""

    def enqueue_call(self, *args: Any, **kwargs: Any) -> Any:
        """Set one."""
        kwargs.setdefault("result_ttl", 77)
        return super().enqueue_call(*args, **kwargs)


class Marking(Queue):
    """Sees each job before it leaves, as a queue that waits for a commit does."""

    def enqueue_job(self, job: Job, *args: Any, **kwargs: Any) -> Any:
        """Leave a mark."""
        job.meta["marked"] = True
        return super().enqueue_job(job, *args, **kwargs)


class OwnJob(Job):
    """What a project may make of a job."""


@pytest.mark.parametrize(
    ("kind", "is_marked"),
    [
        (Stamping, lambda job: job.result_ttl == 77),
        (Marking, lambda job: job.meta == {"marked": True}),
    ],
)
def test_a_class_of_the_project_is_asked_for_each_job(
    queue: Queue, kind: type[Queue], is_marked: Callable[[Job], bool]
) -> None:
    """RQ's `enqueue_many()` passes by what such a class overrides."""
    own = kind(queue.name, connection=queue.connection)

    flushed(own, 1, 2, 3).flush()

    assert calls(queue) == [(1,), (2,), (3,)]
    assert all(map(is_marked, queued(queue)))


def test_what_replaces_a_method_of_rq_is_asked_for_each_job(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tracing libraries do so, to send the trace along with a job."""
    original = Queue.enqueue_job

    def mark(self: Queue, job: Job, *args: Any, **kwargs: Any) -> Job:
        job.meta["marked"] = True
        return original(self, job, *args, **kwargs)

    monkeypatch.setattr(Queue, "enqueue_job", mark)

    flushed(queue, 1, 2, 3).flush()

    assert [job.meta for job in queued(queue)] == [{"marked": True}] * 3


def test_a_class_that_overrides_something_else_sends_batches(
    queue: Queue, commands: list[int]
) -> None:
    """Most of what a queue can do has nothing to do with how a job leaves."""

    class Counted(Queue):
        @property
        def count(self) -> int:
            return 0

    flushed(Counted(queue.name, connection=queue.connection), *range(50)).flush()

    assert len(commands) <= 3
    assert len(queued(queue)) == 50


@pytest.mark.parametrize(
    "settings", [{"is_async": False}, {"default_timeout": 9}, {"job_class": OwnJob}]
)
def test_queues_of_one_name_that_differ_share_no_batch(
    queue: Queue, settings: dict[str, Any]
) -> None:
    """How a job leaves is said by its own queue, not by that of the one before it."""
    other = Queue(queue.name, connection=queue.connection, **settings)
    made: list[type[Job]] = []

    class Noting(Job):
        def save(self, *args: Any, **kwargs: Any) -> Any:
            made.append(type(self))
            return super().save(*args, **kwargs)

    own = Queue(queue.name, connection=queue.connection, job_class=Noting)

    with airlock.scope(executor=RqExecutor(other)):
        airlock.enqueue(notify, "other")
        for number in (1, 2, 3):
            airlock.enqueue(notify, number, _dispatch_options={"queue": own})

    mine = [job for job in queued(queue) if job.args[0] != "other"]
    assert [(job.args[0], job.timeout) for job in mine] == [
        (number, Queue.DEFAULT_TIMEOUT) for number in (1, 2, 3)
    ]
    assert made == [Noting] * 3
    assert ((1,), {}) not in ran
