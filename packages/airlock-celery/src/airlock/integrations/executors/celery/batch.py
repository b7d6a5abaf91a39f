"""Many intents at once: one round trip to Redis instead of one for each."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import TYPE_CHECKING, NoReturn

from kombu.exceptions import KombuError, OperationalError

from airlock import AirlockError, Attempt
from airlock.integrations.executors.celery.message import (
    check_message,
    dispatch,
    publish,
)
from airlock.integrations.executors.celery.producer import (
    app_that_lends,
    lent_producer,
)
from celery import Task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Iterator, Sequence

    from kombu.messaging import Producer

    from airlock import Intent
    from celery import Celery

__all__ = ["CeleryBatchError", "dispatch_many"]

# More of them save nothing that can be measured, and all of them are in doubt if
# Redis does not answer.
_BATCH = 200
# Such an intent has a way of its own to be published.
_OWN_WAY = frozenset({"retry", "retry_policy"})


class CeleryBatchError(AirlockError, OperationalError):
    """Redis did not confirm a batch, so some of its messages may have arrived."""

    def __init__(self, first: str, size: int, cause: str) -> None:
        super().__init__(first, size, cause)

    def __str__(self) -> str:
        first, size, cause = self.args
        return (
            f"Redis did not confirm a batch of {size} messages, of which {first} is "
            f"the first: {cause}. They count as not dispatched, yet any of them may "
            f"have arrived, in their order. Look into the queue before sending them "
            f"again, or make it harmless that a task runs twice."
        )


def dispatch_many(
    intents: Sequence[Intent],
) -> Generator[int | Attempt | Awaitable[object], None, None]:
    """Dispatch intents in order; after each step yield how many more have left.

    Consecutive tasks of one app leave in batches where kombu can do that, which is
    since 5.7 and on Redis. All others leave one by one.
    """
    for app, run in groupby(intents, _app_of_run):
        if app is not None and not app.conf.task_always_eager:
            yield from _dispatch_run(app, list(run))
            continue
        for intent in run:
            result = dispatch(intent)
            yield 1 if result is None else result


def _app_of_run(intent: Intent) -> Celery | None:
    """Return the app of a task that may leave with others, or None."""
    if not _OWN_WAY.isdisjoint(intent.dispatch_options or ()):
        return None
    try:
        return app_that_lends(intent) if isinstance(intent.task, Task) else None
    except Exception:  # noqa: BLE001 - a lazy task that cannot be made
        return None  # Its turn will come, and it will raise then.


def _dispatch_run(app: Celery, intents: list[Intent]) -> Iterator[int | Attempt]:
    with lent_producer(app) as producer:
        # Absent before kombu 5.7.
        has_batches = getattr(producer, "supports_batch_publish", False)
        # The first leaves in the ordinary way: that connects anew where it must, as
        # often as the settings say. A batch is never tried twice.
        alone = 1 if has_batches else len(intents)
        for intent in intents[:alone]:
            check_message(intent)
            publish(intent, producer=producer)
            yield 1
        for start in range(alone, len(intents), _BATCH):
            yield from _dispatch_batch(producer, intents[start : start + _BATCH])


def _dispatch_batch(
    producer: Producer, intents: list[Intent]
) -> Iterator[int | Attempt]:
    """Send all up to the first that raises, and let that end it."""
    batch = _Batch(producer)
    # kombu must not send a part before the end: an error of that would come out of an
    # intent that has nothing to do with it.
    with batch.telling_of_doubt(), producer.batch(sys.maxsize):  # type: ignore[no-untyped-call]
        batch.fill(intents)
        if batch.size:
            yield Attempt(batch.size)
    if batch.size:
        yield batch.size
    if batch.failure is not None:
        raise batch.failure


class _Batch:
    """Messages that kombu keeps until it is told to send them all.

    Attributes:
        size: How many of them are to be sent, once all are there.
        failure: What ended it early.
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._first = ""
        self.size = 0
        self.failure: Exception | None = None

    def fill(self, intents: Sequence[Intent]) -> None:
        """Publish in order, up to the first that raises."""
        count = 0
        for intent in intents:
            try:
                check_message(intent)
                publish(intent, producer=self._producer, retry=False)
            except Exception as error:  # noqa: BLE001 - raised when the others are sent
                self.failure = error
                break
            count += 1
        # Only now: what ends the process meanwhile drops them all.
        self.size, self._first = count, intents[0].name

    @contextmanager
    def telling_of_doubt(self) -> Iterator[None]:
        """Tell, in an error of sending them, how many may have arrived."""
        try:
            yield
        except BaseException as error:
            if not self.size:
                raise
            # kombu puts an error of its own around others.
            wrapped = error.__cause__ if isinstance(error, KombuError) else None
            cause = wrapped or error
            doubt = CeleryBatchError(self._first, self.size, str(cause) or repr(cause))
            if _is_of_redis(cause):
                raise doubt from error
            # Such as a time limit, which others wait for by its type.
            _add_note(cause, doubt)
            _raise_as_it_was(cause)


def _is_of_redis(error: BaseException) -> bool:
    from redis.exceptions import RedisError  # noqa: PLC0415 - optional, and here in use

    return isinstance(error, RedisError)


def _add_note(error: BaseException, doubt: CeleryBatchError) -> None:
    # An exception may refuse attributes, and must arrive all the same.
    with suppress(Exception):
        error.add_note(f"airlock: {doubt}")


def _raise_as_it_was(error: BaseException) -> NoReturn:
    """Raise again what was caught, with what was being handled when it came."""
    context = error.__context__
    try:
        raise error
    finally:
        error.__context__ = context
