"""What is refused at the call site where the scope verifies, beyond the contract."""

# Some of Dramatiq is untyped.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Callbacks, Retries
from queued_actors import Report, declare, greet, invoice, notify, queued, ran

import airlock
from airlock import ArgumentError, NotATaskError, TaskArgumentsError


def refused(task: Any, *args: Any, **kwargs: Any) -> Exception | None:
    """Enqueue what must be refused there and then, and return the error."""
    error: Exception | None = None
    with airlock.scope(executor="dramatiq", verify=True) as scope:
        try:
            airlock.enqueue(task, *args, **kwargs)
        except Exception as caught:  # noqa: BLE001 - each test says which it must be
            error = caught

    assert scope.intents == []
    return error


def retried() -> Any:
    """Return an actor whose broker calls back."""
    return declare(lambda: None, StubBroker(middleware=[Callbacks(), Retries()]))


def test_the_error_names_the_task_and_its_signature() -> None:
    """The actor itself takes anything, so the function is what counts."""
    error = refused(invoice, 17, copies=2)

    assert isinstance(error, TaskArgumentsError)
    assert "shop.invoice" in str(error)
    assert "(order: 'int') -> 'str'" in str(error)


@pytest.mark.parametrize("task", [Report, greet])
def test_actors_of_every_kind_have_a_signature(task: Any) -> None:
    """By class, and async."""
    assert isinstance(refused(task), TaskArgumentsError)


def test_a_function_that_tells_no_signature_is_not_judged() -> None:
    """Some built-in ones are like that."""
    owner = StubBroker(middleware=[])
    smallest = declare(min, owner)

    with airlock.scope(executor="dramatiq", verify=True):
        airlock.enqueue(smallest, 1, 2)

    assert len(queued(owner)) == 1


@pytest.mark.parametrize("argument", [lambda: None, {1, 2}, b"bytes"])
def test_an_argument_that_cannot_be_encoded_is_named_with_its_task(
    argument: object,
) -> None:
    """The error of the encoder says neither which task nor what to do."""
    error = refused(notify, argument)

    assert isinstance(error, ArgumentError)
    assert "enqueue(notify)" in str(error)
    assert "not JSON serializable" in str(error)


CALLBACKS = [
    "on_success",
    "on_failure",
    pytest.param(
        "on_retry_exhausted",
        marks=pytest.mark.skipif(
            "on_retry_exhausted" not in Retries().actor_options,
            reason="this Dramatiq does not have it",
        ),
    ),
]


@pytest.mark.parametrize("option", CALLBACKS)
@pytest.mark.parametrize("callback", [print, 5, ["notify"]])
def test_a_callback_that_is_no_actor_is_refused(option: str, callback: object) -> None:
    """It can be a name or an actor, and the error says so."""
    error = refused(retried(), _dispatch_options={option: callback})

    assert isinstance(error, ArgumentError)
    assert f"enqueue(task) got the option {option}={callback!r}" in str(error)
    assert "an actor" in str(error)


@pytest.mark.parametrize("option", CALLBACKS)
def test_a_callback_that_its_broker_does_not_know_is_refused(option: str) -> None:
    """A misspelt name would be found out in the worker, after the last try."""
    actor = retried()

    error = refused(actor, _dispatch_options={option: "tusk"})

    assert isinstance(error, ArgumentError)
    assert f"enqueue(task) got the option {option}='tusk'" in str(error)
    for fitting in ("task", "", None, actor):
        with airlock.scope(airlock.DropAll(), executor="dramatiq", verify=True):
            airlock.enqueue(actor, _dispatch_options={option: fitting})


def test_a_callback_of_another_broker_is_refused() -> None:
    """The worker looks for its name on the broker of the message."""
    other = declare(print, StubBroker(middleware=[]), actor_name="elsewhere")

    error = refused(notify, _dispatch_options={"on_success": other})

    assert "'elsewhere'" in str(error)


@pytest.mark.parametrize(
    "options",
    [
        {"delay": "soon"},
        {"delay": float("nan")},
        {"delay": float("inf")},
        {"queue_name": 7},
    ],
)
def test_a_value_that_dramatiq_cannot_use_is_refused(options: dict[str, Any]) -> None:
    """As at the flush."""
    error = refused(notify, _dispatch_options=options)

    assert isinstance(error, ArgumentError)
    assert "enqueue(notify)" in str(error)


def test_an_argument_named_self_is_refused() -> None:
    """As at the flush."""
    assert "'self'" in str(refused(notify, self=1))


@pytest.mark.parametrize(
    "make",
    [
        lambda message: message,
        lambda message: message | notify.message(),
        lambda message: dramatiq.group([message]),
        lambda message: dramatiq.group([invoice.message(1), message | message]),
    ],
)
def test_what_leaves_first_of_a_composition_is_checked(make: Any) -> None:
    """A later message is given a result that nobody knows yet."""
    incomplete = invoice.message_with_options()
    assert isinstance(refused(make(incomplete)), TaskArgumentsError)
    assert "not JSON" in str(refused(make(notify.message(lambda: None))))

    with airlock.scope(executor="dramatiq", verify=True):
        airlock.enqueue(make(invoice.message(17)))
    assert queued(queue="invoices")


def test_an_argument_of_a_later_message_is_checked_for_its_encoding() -> None:
    """The first message carries the whole pipeline."""
    error = refused(invoice.message(17) | notify.message(lambda: None))

    assert "not JSON serializable" in str(error)


def test_a_message_takes_nothing_beside_it() -> None:
    """As at the flush."""
    assert isinstance(refused(notify.message(1), 2), NotATaskError)


def test_a_plain_callable_is_checked_by_the_core_alone() -> None:
    """Nothing of Dramatiq's is known about it."""
    with airlock.scope(executor="dramatiq", verify=True):
        airlock.enqueue(ran.append, lambda: None)

    assert len(ran) == 1
