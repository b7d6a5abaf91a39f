"""Many intents at once: one statement to the database instead of one for each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from airlock.integrations.executors.django_q.loop import is_in_event_loop
from airlock.integrations.executors.django_q.message import (
    adispatch,
    check_task,
    dispatch,
    publish,
)
from airlock.integrations.executors.django_q.option import options_of
from airlock.integrations.executors.django_q.prepared import is_prepared

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Iterator, Sequence

    from airlock import Intent

__all__ = ["dispatch_many"]

# More of them save little, and all of them wait in memory.
_BATCH = 500
# MariaDB refuses a statement of 16 MB, and MySQL before version 8 one of 4.
_LENGTH = 1_000_000


def dispatch_many(
    intents: Sequence[Intent],
) -> Generator[int | Awaitable[object], None, None]:
    """Dispatch intents in order; after each step yield how many more have left.

    Consecutive callables leave in batches where the broker is django-q's own on a
    database. All others leave one by one, and so do all in an event loop, where each
    is yielded to be awaited.
    """
    if not is_in_event_loop():
        yield from _dispatch_parts(intents)
        return
    for intent in intents:
        yield adispatch(intent)


def _dispatch_parts(intents: Sequence[Intent]) -> Iterator[int]:
    from django_q.brokers import get_broker  # noqa: PLC0415 - see message.py
    from django_q.brokers.orm import ORM  # noqa: PLC0415

    # Not a subclass of a project: that one may do more than write a row.
    has_table = type(get_broker()) is ORM
    for is_row, run in groupby(intents, _is_row):
        if not (is_row and has_table):
            for intent in run:
                dispatch(intent)
                yield 1
            continue
        yield from _dispatch_rows(run)


def _is_row(intent: Intent) -> bool:
    """Tell what is simply a row in a table, if the queue is one."""
    from django_q.conf import Conf  # noqa: PLC0415 - see message.py

    options = intent.dispatch_options or {}
    # `sync` runs the task in the call, and an own broker does what it likes.
    is_elsewhere = options.get("broker") or options.get("sync", Conf.SYNC)
    return not is_elsewhere and not is_prepared(intent.task)


class _Rows:
    """Collects what brokers would write, to write it in one statement."""

    def __init__(self) -> None:
        self._rows: list[Any] = []
        self._length = 0
        self._desks: dict[object, _Desk] = {}

    def take(self, intent: Intent) -> None:
        """Let django-q make the row of an intent."""
        check_task(intent)
        options = options_of(intent)
        desk = self._desk(options.get("cluster"))
        publish(intent, {**options, "broker": desk})

    def _desk(self, cluster: Any) -> _Desk:  # noqa: ANN401 - or None
        from django_q.brokers import get_broker  # noqa: PLC0415 - see message.py

        if cluster not in self._desks:
            self._desks[cluster] = _Desk(get_broker(cluster), self)
        return self._desks[cluster]

    def add(self, row: Any) -> None:  # noqa: ANN401 - untyped
        """Keep a row."""
        self._rows.append(row)
        self._length += len(row.payload)

    @property
    def is_full(self) -> bool:
        """Whether it is time to write them."""
        return len(self._rows) >= _BATCH or self._length > _LENGTH

    def write(self) -> Iterator[int]:
        """Write all rows, and yield how many each statement has written."""
        rows, length = self._rows, self._length
        self._rows, self._length = [], 0
        # The last may be as long as a statement can be.
        for part in (rows[:-1], rows[-1:]) if length > _LENGTH else (rows,):
            if part:
                _write(part)
                yield len(part)


def _write(rows: list[Any]) -> None:
    """Write all of them, or none."""
    from django_q.conf import Conf, logger  # noqa: PLC0415 - see message.py
    from django_q.models import OrmQ  # noqa: PLC0415

    OrmQ.objects.using(Conf.ORM).bulk_create(rows)
    logger.info("Wrote a batch of %d tasks", len(rows))


class _Desk:
    """Takes the packages for one queue, as `async_task()` hands them to a broker."""

    def __init__(self, broker: Any, rows: _Rows) -> None:  # noqa: ANN401 - untyped
        self.list_key = broker.list_key
        self._rows = rows

    def enqueue(self, package: str) -> str:
        """Keep what the broker would write."""
        from django.utils import timezone  # noqa: PLC0415 - needs settings

        from django_q.models import OrmQ  # noqa: PLC0415 - see message.py

        row = OrmQ(key=self.list_key, payload=package, lock=timezone.now())
        self._rows.add(row)
        # Django-q writes it into its log, after "Enqueued".
        return "in a batch that is not written yet"


def _dispatch_rows(intents: Iterator[Intent]) -> Iterator[int]:
    """Send all up to the first that raises, and let that end it."""
    rows = _Rows()
    for intent in intents:
        try:
            rows.take(intent)
        except Exception:
            # What stands before it leaves all the same. If that fails as well, the
            # one error is the context of the other.
            yield from rows.write()
            raise
        if rows.is_full:
            yield from rows.write()
    yield from rows.write()
