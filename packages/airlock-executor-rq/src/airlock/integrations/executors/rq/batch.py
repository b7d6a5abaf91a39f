"""Many intents at once: one round trip to Redis instead of three for each."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from redis.exceptions import RedisError, ResponseError

from airlock import AirlockError, Attempt
from airlock.integrations.executors.rq.call import call_of
from airlock.integrations.executors.rq.kind import are_one, can_send_batches

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from redis.client import Pipeline

    from airlock import Intent
    from airlock.integrations.executors.rq.call import Call
    from rq import Queue

__all__ = ["RqBatchError", "dispatch_many"]

# More of them save nothing that can be measured, and all of them are in doubt if
# Redis does not answer.
_BATCH = 250
# A transaction of Redis goes on after an error, and undoes nothing.
_PARTLY = (
    "Redis refused one command of a batch of {size} jobs, of which {first} is the "
    "first, and carried out the others. The jobs count as not dispatched, yet all but "
    "that one are in the queue. Look into it before enqueueing them again."
)


class RqBatchError(AirlockError, RedisError):
    """Redis did not confirm a batch, so it may have arrived."""

    def __init__(self, first: str, size: int, cause: str) -> None:
        super().__init__(first, size, cause)

    def __str__(self) -> str:
        first, size, cause = self.args
        return (
            f"Redis did not confirm a batch of {size} jobs, of which {first} is the "
            f"first: {cause}. They count as not dispatched, yet may have arrived, all "
            f"together. Look into the queue before enqueueing them again, or make it "
            f"harmless that a task runs twice."
        )


def dispatch_many(
    intents: Sequence[Intent], default: Queue | None
) -> Generator[int | Attempt, None, None]:
    """Enqueue in order; after each step yield how many more have left.

    Consecutive jobs for one Redis leave in batches, all others one by one.
    """
    batch = _Batch(None)
    for intent in intents:
        try:
            call = call_of(intent, default)
        except Exception:
            # What stands before it leaves all the same.
            yield from batch.send()
            raise
        if batch.takes(call):
            batch.calls.append(call)
            if len(batch.calls) == _BATCH:
                yield from batch.send()
            continue
        yield from batch.send()
        # In the ordinary way: if Redis is down, nothing is in doubt.
        call.enqueue()
        yield 1
        batch = _Batch(call.queue)
    yield from batch.send()


class _Batch:
    """Jobs for one queue that leave together, in one transaction.

    Args:
        queue: One that has just been reached, if there is any.
    """

    def __init__(self, queue: Queue | None) -> None:
        self._queue = queue if queue and can_send_batches(queue) else None
        self.calls: list[Call] = []

    def takes(self, call: Call) -> bool:
        return (
            self._queue is not None
            and call.can_join_others
            and are_one(call.queue, self._queue)
        )

    def send(self) -> Iterator[int | Attempt]:
        """Yield how many have left, if any."""
        calls, self.calls = self.calls, []
        if self._queue is None or not calls:
            return
        pipeline = self._queue.connection.pipeline()
        try:
            data = [call.prepared() for call in calls]
            self._queue.enqueue_many(data, pipeline=pipeline)
        except Exception:  # noqa: BLE001 - it will be raised again
            # RQ refuses one of them, and nothing was sent: they go one by one, and
            # it will raise at its turn.
            pipeline.reset()
            yield from _one_by_one(calls)
            return
        yield Attempt(len(calls))
        yield from _execute(pipeline, calls)


def _execute(pipeline: Pipeline, calls: list[Call]) -> Iterator[int]:
    """Send a batch, and make of each failure what it means for these jobs."""
    first, size = calls[0].name, len(calls)
    try:
        answers = pipeline.execute(raise_on_error=False)
    except ResponseError:
        # Redis has refused to begin: nothing is in doubt.
        yield 0
        raise
    except RedisError as error:
        raise RqBatchError(first, size, str(error).rstrip(".")) from error
    except BaseException as error:
        # A time limit, or Ctrl-C: its type is what others wait for.
        interrupted = f"interrupted by {type(error).__name__}"
        _add_note(error, str(RqBatchError(first, size, interrupted)))
        raise
    refusal = next((each for each in answers if isinstance(each, Exception)), None)
    if refusal is not None:
        _add_note(refusal, _PARTLY.format(first=first, size=size))
        raise refusal
    yield size


def _add_note(error: BaseException, note: str) -> None:
    # An exception may refuse attributes, and must arrive all the same.
    with suppress(Exception):
        error.add_note(f"airlock: {note}")


def _one_by_one(calls: list[Call]) -> Iterator[int]:
    for call in calls:
        call.enqueue()
        yield 1
