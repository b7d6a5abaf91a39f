"""A real worker process does what left the scope, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from letter_office import Office, database

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.service("postgres"))]


@pytest.fixture(scope="module", params=DATABASES)
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Start a worker, once for each database."""
    folder = tmp_path_factory.mktemp(request.param)
    with database(request.param, folder) as settings:
        made = Office(folder, settings)
        try:
            yield made
        finally:
            made.stop()


def test_nothing_runs_before_the_scope_ends(office: Office) -> None:
    """The worker is up and idle, and must not see the effect."""
    done = office.tell(
        about="before",
        story="""
import time
with airlock.scope(executor="django_tasks"):
    airlock.enqueue(record, "before", "effect")
    record.enqueue("before", "end of block")
    time.sleep(0.5)
""",
    )

    assert done == [["end of block"], ["effect"]]


def test_a_discarded_scope_runs_nothing(office: Office) -> None:
    """A failed operation must not mail anyone, now or later."""
    done = office.tell(
        about="discarded",
        story="""
try:
    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(record, "discarded")
        raise KeyError
except KeyError:
    pass
""",
    )

    assert done == []


def test_effects_run_in_the_order_of_their_enqueues(office: Office) -> None:
    """With one worker, what was written first is done first."""
    done = office.tell(
        about="order",
        story="""
with airlock.scope(executor="django_tasks"):
    for number in range(20):
        airlock.enqueue(record, "order", number)
""",
    )

    assert done == [[number] for number in range(20)]


def test_arguments_arrive_as_json_has_them(office: Office) -> None:
    """A tuple as a list, and names of options as names."""
    done = office.tell(
        about="json",
        story="""
options = {"priority": 5, "queue_name": "mail"}
with airlock.scope(executor="django_tasks", verify=True):
    airlock.enqueue(record_pair, "json", second=("ada", 7), _dispatch_options=options)
""",
    )

    assert done == [[["ada", 7]]]


def test_an_effect_waits_until_its_time_has_come(office: Office) -> None:
    """One hour is longer than this test, and a second ago is now."""
    done = office.tell(
        about="time",
        story="""
from datetime import timedelta
from django.utils import timezone
with airlock.scope(executor="django_tasks"):
    for hours, word in (1, "late"), (-1, "due"):
        when = timezone.now() + timedelta(hours=hours)
        airlock.enqueue(record, "time", word, _dispatch_options={"run_after": when})
""",
    )

    assert done == [["due"]]


def test_a_higher_priority_runs_first(office: Office) -> None:
    """The worker sees both at once: they were written in one transaction."""
    done = office.tell(
        about="priority",
        story="""
from django.db import transaction
with transaction.atomic(), airlock.scope(executor="django_tasks"):
    for priority in (-50, 50, 0):
        options = {"priority": priority}
        airlock.enqueue(record, "priority", priority, _dispatch_options=options)
""",
    )

    assert done == [[50], [0], [-50]]


def test_an_async_scope_reaches_the_worker(office: Office) -> None:
    """With tasks that are coroutine functions, and others."""
    done = office.tell(
        about="async",
        story="""
import asyncio
async def request():
    async with airlock.scope(executor="django_tasks"):
        airlock.enqueue(record, "async", 1)
        airlock.enqueue(later, "async", 2)
asyncio.run(request())
""",
    )

    assert done == [[1], [2]]


def test_an_effect_of_a_transaction_waits_for_the_commit(office: Office) -> None:
    """Django's tasks alone wait for nothing: the row of the queue may be elsewhere."""
    pytest.importorskip("airlock.integrations.django")

    done = office.tell(
        about="commit",
        story="""
import time
from django.db import transaction
from airlock.integrations.django import DjangoScope
from django_tasks_db.models import DBTaskResult
before = DBTaskResult.objects.count()
with transaction.atomic():
    with airlock.scope(_cls=DjangoScope, executor="django_tasks"):
        airlock.enqueue(record, "commit", "effect")
    assert DBTaskResult.objects.count() == before
try:
    with airlock.scope(_cls=DjangoScope, executor="django_tasks"):
        with transaction.atomic():
            airlock.enqueue(record, "commit", "rolled back")
            raise KeyError
except KeyError:
    pass
with airlock.scope(_cls=DjangoScope, executor="django_tasks"):
    try:
        with transaction.atomic():
            airlock.enqueue(record, "commit", "rolled back")
            raise KeyError
    except KeyError:
        pass
""",
    )

    assert done == [["effect"]]


def test_an_effect_may_be_a_row_of_the_transaction(office: Office) -> None:
    """Then no crash between the commit and the flush can lose it."""
    pytest.importorskip("airlock.integrations.django")

    done = office.tell(
        about="row",
        story="""
from django.conf import settings
from django.db import transaction
from airlock.integrations.django import DjangoScope
settings.AIRLOCK = {"USE_ON_COMMIT": False}
for is_bad in (False, True):
    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope, executor="django_tasks"):
            airlock.enqueue(record, "row", is_bad)
        transaction.set_rollback(is_bad)
""",
    )

    assert done == [[False]]


def test_an_async_scope_of_django_reaches_the_worker(office: Office) -> None:
    """The default scope of a project that has installed airlock for Django."""
    pytest.importorskip("airlock.integrations.django")

    done = office.tell(
        about="async commit",
        story="""
import asyncio
from asgiref.sync import sync_to_async
from django.db import transaction
from airlock.integrations.django import DjangoScope

def work(word, is_bad):
    with transaction.atomic():
        airlock.enqueue(record, "async commit", word)
        transaction.set_rollback(is_bad)

async def request():
    async with airlock.scope(_cls=DjangoScope, executor="django_tasks"):
        await sync_to_async(work)("kept", False)
        await sync_to_async(work)("rolled back", True)

asyncio.run(request())
""",
    )

    assert done == [["kept"]]


def test_a_worker_does_not_outlive_the_tests(office: Office) -> None:
    """Killed tests clean nothing up, and it would take what the next ones queue."""
    office.tell("")

    office.let_go()

    office.wait_for_its_end()
