"""Dispatch options are those of `async_task()`."""

from __future__ import annotations

from typing import Any

import parcels
import pytest
from django_q.brokers import get_broker
from django_q.models import OrmQ, Task
from parcels import fail, ran, send
from queued_parcels import queued, run_all

import airlock
from airlock.integrations.executors.django_q import DjangoQOptionError

pytestmark = pytest.mark.django_db(transaction=True)


def flush(options: dict[str, Any], task: Any = send) -> None:
    """Let one effect leave with these options."""
    with airlock.scope(executor="django_q"):
        airlock.enqueue(task, 1, _dispatch_options=options)


@pytest.mark.parametrize(
    "options",
    [
        {"group": "mail"},
        {"timeout": 7},
        {"save": False},
        {"cached": 60},
        {"ack_failure": True},
        {"hook": "parcels.hook"},
        {"hook": parcels.hook},
        {"cluster": "slow"},
    ],
)
def test_each_option_reaches_django_q(options: dict[str, Any]) -> None:
    """And none of them the task."""
    flush(options)

    [message] = queued()
    assert {name: message[name] for name in options} == options
    assert message["kwargs"] == {}


def test_a_task_may_be_named() -> None:
    """Django-q makes up a name otherwise."""
    flush({"task_name": "receipt 1"})

    [message] = queued()
    assert message["name"] == "receipt 1"


def test_a_cluster_has_a_queue_of_its_own() -> None:
    """Which another worker reads."""
    flush({"cluster": "slow"})

    assert OrmQ.objects.get().key == "slow"


def test_a_hook_is_told_of_the_result() -> None:
    """Whether it is given as itself or by its path."""
    flush({"hook": parcels.hook})
    flush({"hook": "parcels.hook"})
    run_all()

    told = ("hook", "parcels.send", 1)
    assert ran == [(1,), (1,), told, told]


def test_a_task_is_not_saved_if_it_is_told_so() -> None:
    """But for its failure."""
    flush({"save": False})
    run_all()

    assert ran == [(1,)]
    assert Task.objects.count() == 0


def test_a_synchronous_task_runs_in_the_flush() -> None:
    """What it raises ends the flush there."""
    with pytest.raises(ValueError, match="boom"):
        flush({"sync": True}, fail)

    assert ran == [(1,)]
    assert queued() == []


def test_a_broker_of_ones_own_is_used() -> None:
    """It is not pickled: it stays in this process."""
    flush({"broker": get_broker("private")})

    assert OrmQ.objects.get().key == "private"


def test_a_chain_given_as_an_option_runs_to_its_end() -> None:
    """Django-q's monitor needs a group for that, and would break without one."""
    flush({"chain": [(send, (2,)), (send, (3,))]})
    run_all()

    assert ran == [(1,), (2,), (3,)]
    assert len(set(Task.objects.values_list("group", flat=True))) == 1


@pytest.mark.parametrize("option", ["countdown", "iter_count", "func", "schedule"])
def test_an_unknown_option_is_refused(option: str) -> None:
    """Django-q would hand it to the task."""
    with pytest.raises(DjangoQOptionError, match=f"^parcels:send .*'{option}'"):
        flush({option: 60})

    assert queued() == []


def test_the_mapping_of_options_is_left_as_it_was() -> None:
    """Django-q takes out of it what it knows, and one mapping serves many enqueues."""
    options = {"task_name": "receipt", "group": "mail"}

    flush(options)

    assert options == {"task_name": "receipt", "group": "mail"}
