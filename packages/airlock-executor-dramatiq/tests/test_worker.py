"""A real worker process does what left the scope, and nothing else."""

# Some of Dramatiq is untyped, and its messages are no callables.
# mypy: disable-error-code="no-untyped-call,call-overload"
from __future__ import annotations

import sys
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING

import dramatiq
import pytest
from dramatiq_worker import Worker
from real_broker import clear, close

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPTION_NAMES = ("delay", "queue_name", "max_retries", "time_limit", "args", "kwargs")


@pytest.fixture(
    params=[
        pytest.param("redis", marks=pytest.mark.service("redis")),
        pytest.param("rabbitmq", marks=pytest.mark.service("rabbitmq")),
    ]
)
def worker(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Worker]:
    """Start a worker on a queue that nobody else uses."""
    name = f"airlock-{uuid.uuid4().hex}"
    monkeypatch.setenv("DRAMATIQ_BROKER", request.param)
    monkeypatch.setenv("DRAMATIQ_NAME", name)
    monkeypatch.setenv("DRAMATIQ_JOURNAL", str(tmp_path / "journal"))
    monkeypatch.delitem(sys.modules, "dramatiq_app", raising=False)
    # Last in, first out, and each of them whatever becomes of the others.
    with ExitStack() as afterwards:
        afterwards.callback(dramatiq.set_broker, dramatiq.get_broker())
        worker = Worker(tmp_path)
        afterwards.callback(monkeypatch.delitem, sys.modules, "dramatiq_app")
        broker = worker.app.broker
        afterwards.callback(clear, request.param, name, broker.queues)
        afterwards.callback(close, broker)
        afterwards.callback(worker.stop)
        yield worker


def test_nothing_runs_before_the_scope_ends(worker: Worker) -> None:
    """The worker is up and idle, and still must not see the effect."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.note, "effect")
        worker.catch_up()

        assert worker.effects == []

    worker.wait_for("effect")


def test_a_discarded_scope_runs_nothing(worker: Worker) -> None:
    """A failed operation must not mail anyone, now or later."""
    with pytest.raises(ValueError, match="boom"), airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.note, "effect")
        raise ValueError("boom")

    worker.catch_up()
    assert worker.effects == []


def test_effects_run_in_the_order_of_their_enqueues(worker: Worker) -> None:
    """With one thread, what was written first is done first."""
    with airlock.scope(executor="dramatiq"):
        for number in range(20):
            airlock.enqueue(worker.app.note, number)

    worker.wait_for(19)
    assert worker.effects == [[number] for number in range(20)]


def test_arguments_named_like_options_arrive(worker: Worker) -> None:
    """In the task itself, on the other side of the queue."""
    kwargs = dict.fromkeys(OPTION_NAMES, 7)

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.note, "ada", **kwargs)

    worker.wait_for("ada", kwargs)


def test_an_async_actor_runs(worker: Worker) -> None:
    """Only here it can."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.greet, "ada")

    worker.wait_for("greeted", "ada")


def test_a_delayed_effect_waits_for_its_time(worker: Worker) -> None:
    """And does run when that has come."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.note, "never", _dispatch_options={"delay": 3600_000})
        airlock.enqueue(worker.app.note, "due", _dispatch_options={"delay": 500})
        airlock.enqueue(worker.app.note, "now")

    worker.wait_for("due")
    assert worker.effects == [["now"], ["due"]]


def test_retries_given_as_an_option_are_made(worker: Worker) -> None:
    """Two retries are three attempts, though the actor declares none."""
    options = {"max_retries": 2, "min_backoff": 1, "max_backoff": 2}

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.fail, _dispatch_options=options)

    worker.wait_for("attempt", times=3)
    worker.catch_up()
    assert worker.effects == [["attempt"]] * 3


def test_a_callback_given_as_an_option_is_sent(worker: Worker) -> None:
    """Which the message carries by name."""
    options = {"on_failure": worker.app.on_failure}

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.fail, _dispatch_options=options)

    worker.wait_for("failed", "fail", "ValueError")


def test_another_queue_is_where_the_effect_runs(worker: Worker) -> None:
    """The worker takes from both, and knows the actor by its name."""
    queue = worker.app.elsewhere.queue_name

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.note, 1, _dispatch_options={"queue_name": queue})

    worker.wait_for(1)


def test_a_message_runs_with_its_arguments(worker: Worker) -> None:
    """As it was made."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(worker.app.note.message("ada", subject="hello"))

    worker.wait_for("ada", {"subject": "hello"})


def test_a_pipeline_runs_step_by_step(worker: Worker) -> None:
    """The second step receives what the first returned."""
    note = worker.app.note

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(note.message("first") | note.message("second"))

    worker.wait_for("second", "first")
    assert worker.effects == [["first"], ["second", "first"]]


def test_a_group_runs(worker: Worker) -> None:
    """All of it, also the pipeline inside."""
    note = worker.app.note
    chain = note.message(2) | note.message(3)

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(dramatiq.group([note.message(1), chain]))

    worker.wait_for(3, 2)
    assert sorted(worker.effects) == [[1], [2], [3, 2]]


def test_a_worker_ends_when_its_tests_are_gone(worker: Worker) -> None:
    """Killed tests cannot stop it, and it would wait for work for ever."""
    worker.catch_up()

    worker.let_go()

    worker.wait_for_its_end()
