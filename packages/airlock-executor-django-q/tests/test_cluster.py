"""A real cluster does what left the scope, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import parcel_office
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parcel_office import Office

BROKERS = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.service("postgres")),
    pytest.param("redis", marks=pytest.mark.service("redis")),
]


@pytest.fixture(scope="module", params=BROKERS)
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Start a cluster with one worker, once for each broker."""
    folder = tmp_path_factory.mktemp(request.param)
    with parcel_office.office(request.param, folder) as made:
        yield made


def test_nothing_runs_before_the_scope_ends(office: Office) -> None:
    """The cluster is up and idle, and must not see the effect."""
    done = office.tell(
        about="before",
        times=2,
        story="""
import time
from django_q.tasks import async_task
with airlock.scope(executor="django_q"):
    airlock.enqueue(send, "before", "effect")
    async_task(send, "before", "end of block")
    time.sleep(1)
""",
    )

    assert done == [["end of block"], ["effect"]]


def test_a_discarded_scope_runs_nothing(office: Office) -> None:
    """A failed operation must not mail anyone, now or later."""
    done = office.tell(
        about="discarded",
        times=0,
        story="""
try:
    with airlock.scope(executor="django_q"):
        airlock.enqueue(send, "discarded")
        raise KeyError
except KeyError:
    pass
""",
    )

    assert done == []


def test_effects_run_in_the_order_of_their_enqueues(office: Office) -> None:
    """Those of a batch, too, where the broker keeps the order."""
    done = office.tell(
        about="order",
        times=20,
        story="""
with airlock.scope(executor="django_q"):
    for number in range(20):
        airlock.enqueue(send, "order", number)
""",
    )

    assert office.order(done) == [[number] for number in range(20)]


def test_arguments_named_like_options_arrive(office: Office) -> None:
    """Alone and in a batch, beside the options of the same names."""
    done = office.tell(
        about="names",
        times=3,
        story="""
names = "ack_failure broker cached chain cluster func group hook q_options save sync"
kwargs = dict.fromkeys([*names.split(), "task_name", "timeout"], "mine")
options = {"group": "mail", "timeout": 20, "task_name": "parcel"}
for times in (1, 2):
    with airlock.scope(executor="django_q", verify=True):
        for _ in range(times):
            airlock.enqueue(send, "names", **kwargs, _dispatch_options=options)
""",
    )

    [kwargs] = done[0]
    assert len(kwargs) == 13
    assert set(kwargs.values()) == {"mine"}
    assert done[1:] == done[:1] * 2


def test_an_option_that_django_q_does_not_know_reaches_no_task(office: Office) -> None:
    """By itself django-q hands a misspelt one to the task."""
    done = office.tell(
        about="unknown",
        times=1,
        story="""
from airlock.integrations.executors.django_q import DjangoQOptionError
try:
    with airlock.scope(executor="django_q"):
        airlock.enqueue(send, "unknown", 1)
        airlock.enqueue(send, "unknown", 2, _dispatch_options={"countdown": 60})
except DjangoQOptionError:
    pass
""",
    )

    assert done == [[1]]


def test_a_method_and_a_partial_cross_the_queue(office: Office) -> None:
    """What can be pickled here can be imported there."""
    done = office.tell(
        about="ada",
        times=2,
        story="""
from functools import partial
with airlock.scope(executor="django_q", verify=True):
    airlock.enqueue(Clerk("ada").send, 17)
    airlock.enqueue(partial(send, "ada"), 18)
""",
    )

    assert office.order(done) == [[17], [18]]


def test_a_hook_is_called_with_the_result(office: Office) -> None:
    """In the cluster, whether it is given as itself or by its path."""
    done = office.tell(
        about="hook",
        times=2,
        story="""
with airlock.scope(executor="django_q", verify=True):
    airlock.enqueue(send, "receipt 1", _dispatch_options={"hook": hook})
    airlock.enqueue(send, "receipt 2", _dispatch_options={"hook": "parcels.hook"})
""",
    )

    assert office.order(done) == [
        ["parcels.send", "receipt 1"],
        ["parcels.send", "receipt 2"],
    ]


def test_a_chain_runs_step_by_step(office: Office) -> None:
    """Each step is queued by the cluster when the one before is done."""
    done = office.tell(
        about="chain",
        times=3,
        story="""
from django_q.tasks import Chain
chain = Chain([(send, ("chain", 1)), (send, ("chain", 2))])
chain.append(send, "chain", 3)
with airlock.scope(executor="django_q", verify=True):
    airlock.enqueue(chain)
""",
    )

    assert done == [[1], [2], [3]]


def test_a_chain_given_as_an_option_runs_step_by_step(office: Office) -> None:
    """And what its steps are given reaches them, whatever it is called."""
    done = office.tell(
        about="option",
        times=3,
        story="""
taken = {"group": "packers", "timeout": "soon", "save": False}
steps = [(send, ("option", 2), taken), ("parcels.send", ("option", 3), taken)]
with airlock.scope(executor="django_q", verify=True):
    airlock.enqueue(send, "option", 1, _dispatch_options={"chain": steps})
""",
    )

    taken = {"group": "packers", "timeout": "soon", "save": False}
    assert done == [[1], [2, taken], [3, taken]]


def test_an_iter_and_an_async_task_cross_the_queue(office: Office) -> None:
    """The web process waits for the results, as django-q lets it."""
    done = office.tell(
        about="iter",
        times=3,
        story="""
from django_q.tasks import AsyncTask, Iter
several = Iter(send, args=[("iter", 1), ("iter", 2)])
single = AsyncTask(send, "iter", 3)
with airlock.scope(executor="django_q", verify=True):
    airlock.enqueue(several)
    airlock.enqueue(single)
assert several.result(wait=60000) == ["iter", "iter"], several.result()
assert single.result(wait=60000) == "iter"
""",
    )

    assert office.order(done) == [[1], [2], [3]]


def test_an_effect_of_a_transaction_waits_for_the_commit(office: Office) -> None:
    """Also where the queue is in Redis, and knows of no transaction."""
    pytest.importorskip("airlock.integrations.django")

    done = office.tell(
        about="commit",
        times=2,
        story="""
import time
from django.db import transaction
from airlock.integrations.django import DjangoScope
for is_bad in (False, True):
    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope, executor="django_q"):
            airlock.enqueue(send, "commit", 1, is_bad)
            airlock.enqueue(send, "commit", 2, is_bad)
        transaction.set_rollback(is_bad)
""",
    )

    assert office.order(done) == [[1, False], [2, False]]


def test_an_async_scope_reaches_the_cluster(office: Office) -> None:
    """One by one, each in a thread."""
    done = office.tell(
        about="async",
        times=2,
        story="""
import asyncio
async def request():
    async with airlock.scope(executor="django_q"):
        airlock.enqueue(send, "async", 1)
        airlock.enqueue(send, "async", 2)
asyncio.run(request())
""",
    )

    assert office.order(done) == [[1], [2]]


def test_a_cluster_does_not_outlive_the_tests(office: Office) -> None:
    """Killed tests clean nothing up, and it would take what the next ones queue."""
    office.tell("", about="", times=0)

    office.let_go()

    office.wait_for_its_end()
