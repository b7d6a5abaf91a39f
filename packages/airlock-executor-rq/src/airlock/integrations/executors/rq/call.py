"""One intent becomes one job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airlock import ArgumentError, NotATaskError
from airlock.integrations.executors.rq.decorator import (
    declared_options,
    declared_queue,
)
from airlock.integrations.executors.rq.function import (
    check_callbacks,
    check_importable,
    check_job,
)
from airlock.integrations.executors.rq.kind import alike
from airlock.integrations.executors.rq.option import check_unique, options_of
from rq import Queue
from rq.job import Job

if TYPE_CHECKING:
    from airlock import Intent
    from rq.queue import EnqueueData

__all__ = ["Call", "call_of"]

# Where they go, and not what they are.
_OF_THE_QUEUE = ("at_front", "unique", "enqueue_in", "enqueue_at")
# The rest need an answer of Redis before they are enqueued, or are encoded so late
# that an error would be that of a whole batch.
_TOGETHER = frozenset(
    {"at_front", "failure_ttl", "job_id", "on_failure", "on_stopped", "on_success"}
) | {"result_ttl", "retry", "timeout", "ttl"}


class Call:
    """A queue, and what RQ is to be told.

    Args:
        intent: What to enqueue.
        queue: Where.
        options: How.
    """

    def __init__(self, intent: Intent, queue: Queue, options: dict[str, Any]) -> None:
        self._intent = intent
        self.queue = queue
        self._options = options

    @property
    def name(self) -> str:
        """The name of its task."""
        return self._intent.name

    @property
    def can_join_others(self) -> bool:
        """Whether it can be enqueued with other jobs in one round trip."""
        is_simple = self._options.keys() <= _TOGETHER
        return is_simple and not isinstance(self._task, Job)

    @property
    def _task(self) -> Any:  # noqa: ANN401 - a function, or RQ's own
        return self._intent.task

    def enqueue(self) -> None:
        """Enqueue the job, in the ordinary way."""
        if isinstance(self._task, Job):
            self.queue.enqueue_job(self._task)
            return
        options = dict(self._options)
        # A copy: RQ keeps what it is given.
        given: dict[str, Any] = {
            "args": self._intent.args,
            "kwargs": dict(self._intent.kwargs),
        }
        delay = options.pop("enqueue_in", None)
        at = options.pop("enqueue_at", None)
        if delay is not None:
            at = datetime.now(UTC) + delay
        if at is None:
            self.queue.enqueue_call(self._task, **given, **options)
            return
        if "timeout" in options:
            options["job_timeout"] = options.pop("timeout")
        self.queue.enqueue_at(at, self._task, **given, **options)

    def prepared(self) -> EnqueueData:
        """Return what `enqueue_many()` of RQ is to be told."""
        args, kwargs = self._intent.args, dict(self._intent.kwargs)
        return Queue.prepare_data(self._task, args, kwargs, **self._options)

    def make_job(self) -> Job:
        """Return the job, and send nothing."""
        job = self._task
        if not isinstance(job, Job):
            options = {
                name: value
                for name, value in self._options.items()
                if name not in _OF_THE_QUEUE
            }
            args, kwargs = self._intent.args, dict(self._intent.kwargs)
            job = self.queue.create_job(self._task, args=args, kwargs=kwargs, **options)
        return job


def call_of(intent: Intent, default: Queue | None) -> Call:
    """Return what to tell RQ.

    Raises:
        RqOptionError: If RQ does not know an option, or not beside another.
        NotATaskError: If a worker could not import the function, or a job comes with
            further arguments or options.
        ArgumentError: If nothing tells which queue is meant, or an option has a value
            that is none.
    """
    task: Any = intent.task
    if isinstance(task, Job):
        _check_alone(intent)
        check_job(intent, task)
        return Call(intent, _queue_of_job(intent, task, default), {})
    options = options_of(intent)
    _check_time(intent, options)
    check_importable(intent)
    declared = declared_queue(task)
    queue = _chosen(intent, options.pop("queue", None), declared or default)
    if declared is not None:
        options = {**declared_options(task), **options}
    check_unique(intent, options)
    check_callbacks(intent, options)
    return Call(intent, queue, options)


def _check_alone(intent: Intent) -> None:
    if intent.args or intent.kwargs or intent.dispatch_options:
        raise NotATaskError(
            f"a job of {intent.name} and, beside it, arguments or options that would "
            f"be lost",
            "Enqueue the job alone, or the function with its arguments.",
        )


def _check_time(intent: Intent, options: dict[str, Any]) -> None:
    for name, kind in (("enqueue_in", timedelta), ("enqueue_at", datetime)):
        value = options.get(name)
        if value is not None and not isinstance(value, kind):
            raise ArgumentError(
                f"enqueue({intent.name})",
                f"the option {name}={value!r}",
                f"a {kind.__name__}",
            )


def _chosen(intent: Intent, named: object, otherwise: Queue | None) -> Queue:
    if isinstance(named, Queue):
        return named
    queue = _required(intent, otherwise)
    if named is None:
        return queue
    if isinstance(named, str) and named:
        return alike(queue, named, queue.connection)
    raise ArgumentError(
        f"enqueue({intent.name})",
        f"the option queue={named!r}",
        "the name of a queue, or a queue itself",
    )


def _queue_of_job(intent: Intent, job: Job, default: Queue | None) -> Queue:
    if not job.origin:
        return _required(intent, default)
    if default is None:
        return Queue(job.origin, connection=job.connection)
    return alike(default, job.origin, job.connection)


def _required(intent: Intent, queue: Queue | None) -> Queue:
    if queue is not None:
        return queue
    raise ArgumentError(
        f"enqueue({intent.name})",
        "no queue to put it into",
        "one to the executor, airlock.scope(executor=RqExecutor(queue)), or decorate "
        "the function with RQ's @job",
    )
