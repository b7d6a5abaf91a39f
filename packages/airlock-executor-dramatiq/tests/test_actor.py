"""Actors: what is sent, with which arguments, and where to."""

from __future__ import annotations

import uuid
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from queued_actors import Report, declare, greet, invoice, notify, queued, ran, run_all

import airlock
from airlock import Intent
from airlock.integrations.executors.dramatiq import dramatiq_executor

OPTION_NAMES = (
    *("delay", "queue_name", "max_retries", "time_limit", "args", "kwargs"),
    *("broker_priority", "on_success", "on_failure", "options", "message_id"),
)


def test_a_message_waits_in_the_queue_with_its_arguments() -> None:
    """The effect belongs in the worker, not in the request."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(notify, "ada", subject="hello")

    [message] = queued()
    assert message.actor_name == "notify"
    assert message.args == ("ada",)
    assert message.kwargs == {"subject": "hello"}
    assert message.options == {}
    assert ran == []


def test_a_message_goes_to_the_queue_of_its_actor() -> None:
    """Slow actors may have workers of their own."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(invoice, 17)

    assert queued() == []
    assert [message.args for message in queued(queue="invoices")] == [(17,)]


def test_a_message_goes_to_the_broker_of_its_actor() -> None:
    """It need not be the global one."""
    other = StubBroker(middleware=[])
    actor = declare(lambda _: None, other)

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(actor, "all")
        airlock.enqueue(actor, "some", _dispatch_options={"queue_name": "default"})

    assert [message.args for message in queued(other)] == [("all",), ("some",)]
    assert queued() == []


def test_arguments_named_like_options_reach_the_task() -> None:
    """A task about delays has an argument of that name."""
    kwargs = dict.fromkeys(OPTION_NAMES, 7)

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(notify, **kwargs)
    run_all()

    assert ran == [((), kwargs)]


def test_an_actor_by_class_is_an_actor() -> None:
    """Dramatiq makes an object of the class that only looks like an actor."""
    with airlock.scope(executor="dramatiq", verify=True):
        airlock.enqueue(Report, "May")  # type: ignore[call-overload]
    run_all()

    assert ran == ["May"]


def test_an_actor_of_a_class_of_ones_own_sends_its_own_way() -> None:
    """It may add what the project wants in each message."""

    class Traced(dramatiq.Actor[Any, Any]):
        def message_with_options(self, **options: Any) -> Any:
            return super().message_with_options(**options).copy(message_id="traced")

    broker = StubBroker(middleware=[])
    actor = declare(lambda: None, broker, actor_class=Traced)

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(actor)

    [message] = queued(broker)
    assert message.message_id == "traced"


def test_an_async_actor_is_sent_like_any_other() -> None:
    """Its worker has the event loop."""
    with airlock.scope(executor="dramatiq", verify=True):
        airlock.enqueue(greet, "ada")

    [message] = queued()
    assert (message.actor_name, message.args) == ("greet", ("ada",))


def test_an_async_actor_cannot_be_called_in_place() -> None:
    """The default executor fails, and says for which effect and why."""
    with pytest.raises(RuntimeError, match="AsyncIO middleware") as caught:  # noqa: SIM117
        with airlock.scope():
            airlock.enqueue(greet, "ada")

    assert any("dispatching greet failed" in note for note in caught.value.__notes__)
    assert ran == []


def test_the_message_of_dramatiq_is_not_handed_on() -> None:
    """Only an awaitable means anything to a scope, and a message is none."""
    assert dramatiq_executor(Intent(notify)) is None


def test_an_argument_named_self_is_refused() -> None:
    """The worker calls the actor object, whose own `self` is in the way."""
    with pytest.raises(airlock.ArgumentError, match=r"notify.*'self'"):  # noqa: SIM117
        with airlock.scope(executor="dramatiq"):
            airlock.enqueue(notify, self=1)

    assert queued() == []


def test_arguments_that_cannot_be_encoded_end_the_flush() -> None:
    """Dramatiq's own error arrives, with a note that tells which effect it was."""
    with pytest.raises(TypeError, match="not JSON serializable") as caught:  # noqa: SIM117
        with airlock.scope(executor="dramatiq"):
            airlock.enqueue(notify, lambda: None)

    assert any("dispatching notify failed" in note for note in caught.value.__notes__)
    assert queued() == []


def test_an_argument_of_any_encodable_type_arrives() -> None:
    """A project may choose an encoder that knows more than JSON."""
    encoder = dramatiq.get_encoder()
    dramatiq.set_encoder(dramatiq.PickleEncoder())
    number = uuid.uuid4()

    try:
        with airlock.scope(executor="dramatiq", verify=True):
            airlock.enqueue(notify, number)
        run_all()
    finally:
        dramatiq.set_encoder(encoder)

    assert ran == [((number,), {})]
