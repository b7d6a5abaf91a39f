"""The executor, and what a scope may ask of it beside one dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.executors.rq.batch import dispatch_many
from airlock.integrations.executors.rq.call import call_of
from rq import Queue

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from airlock import Attempt, Intent

__all__ = ["RqExecutor", "rq_executor"]


class RqExecutor:
    """Put what is enqueued into a queue of RQ, whatever function it is.

    ``_dispatch_options`` are the options of RQ's ``enqueue()``, and ``queue``,
    ``enqueue_in`` and ``enqueue_at``. A function with RQ's ``@job`` goes to the queue
    that this names, a `Job` is enqueued as it is.

    Args:
        queue: Where functions without ``@job`` go. Without it these are errors.
    """

    def __init__(self, queue: Queue | None = None) -> None:
        if queue is not None and not isinstance(queue, Queue):
            expected = "a queue: RqExecutor(Queue(connection=Redis()))"
            raise ArgumentError("RqExecutor", f"{queue!r} as the queue", expected)
        self._queue = queue

    def __repr__(self) -> str:
        """Show the queue."""
        return f"RqExecutor({self._queue or ''})"

    def __call__(self, intent: Intent, /) -> None:
        """Enqueue one job.

        Raises:
            RqOptionError: If RQ does not know an option, or it cannot wait.
            NotATaskError: If a worker could not import the function.
            ArgumentError: If nothing tells which queue is meant.
        """
        call_of(intent, self._queue).enqueue()

    def check(self, intent: Intent, /) -> None:
        """Raise what the flush or the worker would, and send nothing."""
        call = call_of(intent, self._queue)
        try:
            call.make_job().to_dict()
        except Exception as error:
            # The serializer is the project's choice, and raises what it likes.
            raise ArgumentError(
                f"enqueue({intent.name})",
                f"what RQ cannot make a job of: {error}",
                "options that RQ takes, and arguments that its serializer can carry, "
                "such as the key of a row",
            ) from error

    def dispatch_many(
        self, intents: Sequence[Intent], /
    ) -> Generator[int | Attempt, None, None]:
        """Enqueue jobs in order; yield, after each part, how many have left."""
        yield from dispatch_many(intents, self._queue)


rq_executor: Any = RqExecutor()
