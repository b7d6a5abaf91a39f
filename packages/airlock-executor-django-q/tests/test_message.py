"""What django-q lets you prepare is one effect, and is run as it is."""

from __future__ import annotations

from typing import Any

import pytest
from django_q.tasks import AsyncTask, Chain, Iter
from parcels import ran, send
from queued_parcels import queued, run_all

import airlock
from airlock import NotATaskError

pytestmark = pytest.mark.django_db(transaction=True)


def flush(message: Any, *args: Any, **kwargs: Any) -> None:
    """Let one effect leave."""
    with airlock.scope(executor="django_q", verify=True):
        airlock.enqueue(message, *args, **kwargs)
        assert queued() == []


def test_an_async_task_is_queued_with_its_own_options() -> None:
    """And afterwards it knows its id."""
    message = AsyncTask(send, 1, group="mail")

    flush(message)
    run_all()

    assert ran == [(1,)]
    assert message.result() == 1


def test_a_chain_runs_step_by_step() -> None:
    """One after the other, whatever becomes of the results."""
    chain = Chain()
    chain.append(send, 1)
    chain.append(send, 2)

    flush(chain)
    run_all()

    assert ran == [(1,), (2,)]
    assert sorted(chain.result()) == [1, 2]


def test_an_iter_runs_once_for_each_argument() -> None:
    """Its results meet in the cache, and come as one."""
    message = Iter(send, args=[1, 2, 3])

    flush(message)
    run_all()

    assert ran == [(1,), (2,), (3,)]
    assert sorted(message.result()) == [1, 2, 3]


@pytest.mark.parametrize(
    "message", [lambda: AsyncTask(send), lambda: Chain([(send,)]), lambda: Iter(send)]
)
def test_a_message_takes_nothing_beside_it(message: Any) -> None:
    """It would be lost."""
    with pytest.raises(NotATaskError, match="beside it"):
        flush(message(), 2)
    with (
        pytest.raises(NotATaskError, match="beside it"),
        airlock.scope(executor="django_q"),
    ):
        airlock.enqueue(message(), _dispatch_options={"group": "mail"})

    assert queued() == []


def test_a_policy_finds_the_function_of_an_async_task() -> None:
    """The whole of a chain or an iter has a name of its own."""
    names = [
        airlock.Intent(message).name
        for message in (AsyncTask(send), Chain([(send,)]), Iter(send))
    ]

    assert names == ["parcels:send", "django_q.tasks:Chain", "parcels:send"]
