"""Many intents at once: one statement to the database instead of one for each."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from airlock.integrations.executors.django_q.loop import is_in_event_loop
from airlock.integrations.executors.django_q.message import (
    check_task,
    dispatch,
    is_message,
    publish,
)
from airlock.integrations.executors.django_q.option import options_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Iterator, Sequence

    from airlock import Intent

__all__ = ["dispatch_many"]

# More of them save little, and all of them wait in memory.
_BATCH = 500


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
        # Django refuses to touch a database here.
        yield sync_to_async(dispatch)(intent)


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
        while part := list(islice(run, _BATCH)):
            yield from _dispatch_batch(part)


def _is_row(intent: Intent) -> bool:
    """Tell what is simply a row in a table, if the queue is one."""
    from django_q.conf import Conf  # noqa: PLC0415 - see message.py

    options = intent.dispatch_options or {}
    # `sync` runs the task in the call, and an own broker does what it likes.
    is_elsewhere = options.get("broker") or options.get("sync", Conf.SYNC)
    return not is_elsewhere and not is_message(intent.task)


class _Rows:
    """Collects what brokers would write, to write it in one statement."""

    def __init__(self) -> None:
        self._rows: list[Any] = []
        self._desks: dict[object, _Desk] = {}

    def desk(self, cluster: Any) -> _Desk:  # noqa: ANN401 - or None
        """Return what takes the place of the broker of a cluster."""
        from django_q.brokers import get_broker  # noqa: PLC0415 - see message.py

        if cluster not in self._desks:
            self._desks[cluster] = _Desk(get_broker(cluster), self._rows)
        return self._desks[cluster]

    def write(self) -> None:
        """Write all of them, or none."""
        from django_q.conf import Conf  # noqa: PLC0415 - see message.py
        from django_q.models import OrmQ  # noqa: PLC0415

        OrmQ.objects.using(Conf.ORM).bulk_create(self._rows)


class _Desk:
    """Takes the packages for one queue, as `async_task()` hands them to a broker."""

    def __init__(self, broker: Any, rows: list[Any]) -> None:  # noqa: ANN401 - untyped
        self.list_key = broker.list_key
        self._rows = rows

    def enqueue(self, package: str) -> str:
        """Keep what the broker would write."""
        from django.utils import timezone  # noqa: PLC0415 - needs settings

        from django_q.models import OrmQ  # noqa: PLC0415 - see message.py

        row = OrmQ(key=self.list_key, payload=package, lock=timezone.now())
        self._rows.append(row)
        return "in a batch"


def _dispatch_batch(intents: list[Intent]) -> Iterator[int]:
    """Send all up to the first that raises, and let that end it."""
    rows = _Rows()
    failure: Exception | None = None
    count = 0
    for intent in intents:
        try:
            check_task(intent)
            options = options_of(intent)
            publish(intent, {**options, "broker": rows.desk(options.get("cluster"))})
        except Exception as error:  # noqa: BLE001 - raised below
            failure = error
            break
        count += 1
    rows.write()
    if count:
        yield count
    if failure is not None:
        raise failure
