"""Options whose effect is seen in a worker, here one of this very process."""

# Some of Dramatiq is untyped.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Pipelines, Retries
from queued_actors import declare, ran

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator

# What Dramatiq 1 says of backends whose libraries are not there.
pytestmark = pytest.mark.filterwarnings("ignore::ImportWarning")


def retried() -> Any:
    """Return an actor that fails, and is tried again at once unless told otherwise."""

    def fail(_: object) -> None:
        ran.append("tried")
        raise ZeroDivisionError

    owner = StubBroker(middleware=[Retries(max_retries=1, min_backoff=1)])
    return declare(fail, owner)


@contextmanager
def worked_off(owner: StubBroker) -> Iterator[None]:
    """Have a worker do what is queued inside, and what comes of it."""
    yield
    worker = dramatiq.Worker(owner, worker_timeout=10, worker_threads=1)
    worker.start()
    try:
        owner.join("default", fail_fast=False)
        worker.join()
    finally:
        worker.stop()


def enqueue(options: dict[str, Any], task: Any) -> None:
    """Enqueue an actor with options."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(task, "ada", _dispatch_options=options)


def test_a_target_is_sent_the_result() -> None:
    """What a pipeline does can be said of one message, as a mapping."""
    owner = StubBroker(middleware=[Pipelines()])
    count = declare(len, owner)

    def note(size: int) -> None:
        ran.append(size)

    keep = declare(note, owner, actor_name="keep")

    with worked_off(owner):
        enqueue({"pipe_target": keep.message().asdict()}, count)

    assert ran == [len("ada")]


def test_exceptions_are_refused_by_an_encoder_that_carries_no_classes() -> None:
    """JSON is one; the usual place for them is the actor itself."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        enqueue({"throws": ZeroDivisionError}, retried())


@pytest.mark.parametrize(
    ("options", "tries"), [({}, 2), ({"throws": ZeroDivisionError}, 1)]
)
def test_exceptions_are_heeded_where_the_encoder_carries_classes(
    options: dict[str, Any], tries: int
) -> None:
    """With them, the worker does not try again."""
    encoder = dramatiq.get_encoder()
    dramatiq.set_encoder(dramatiq.PickleEncoder())
    actor = retried()

    try:
        with worked_off(actor.broker):
            enqueue(options, actor)
    finally:
        dramatiq.set_encoder(encoder)

    assert ran == ["tried"] * tries
