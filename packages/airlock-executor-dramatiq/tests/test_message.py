"""Messages that already have their arguments: `actor.message()`, pipelines, groups."""

# Some of Dramatiq is untyped, and its messages are no callables.
# mypy: disable-error-code="no-untyped-call,call-overload"
from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import GroupCallbacks
from queued_actors import broker, declare, invoice, notify, queued

import airlock
from airlock import ArgumentError, NotATaskError
from airlock.integrations.executors.dramatiq import DramatiqOptionError


def enqueue(message: Any, *args: Any, **kwargs: Any) -> None:
    """Enqueue one message, as it is."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(message, *args, **kwargs)


def is_delayed(message: dramatiq.Message[Any], milliseconds: int) -> bool:
    """Say whether the message has about this delay."""
    left = message.options["eta"] - time.time() * 1000
    return bool(milliseconds - 10_000 < left <= milliseconds)


def test_a_message_is_sent_with_its_own_arguments_and_options() -> None:
    """It was made complete, and its id is the way to the result."""
    message = notify.message_with_options(args=("ada",), max_retries=4)

    enqueue(message)

    assert queued() == [message]


def test_a_message_waits_for_the_end_of_the_scope() -> None:
    """A message is an effect like any other."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(notify.message("ada"))

        assert queued() == []


def test_a_message_may_be_delayed() -> None:
    """That is no part of the message, so the enqueue says it."""
    enqueue(notify.message("ada"), _dispatch_options={"delay": 60_000})

    [message] = queued()
    assert is_delayed(message, 60_000)


@pytest.mark.parametrize(
    ("beside", "longer"), [({}, 60_000), ({"delay": 90_000}, 90_000)]
)
def test_a_message_keeps_the_delay_it_was_made_with(
    beside: dict[str, int], longer: int
) -> None:
    """A broker ignores that; a pipeline takes the longer one, and so does this."""
    made = notify.message_with_options(args=("ada",), delay=60_000)

    enqueue(made, _dispatch_options=beside)

    [message] = queued()
    assert is_delayed(message, longer)


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("delay", [timedelta(seconds=5), "5000", float("nan"), True])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda made: made,
        lambda made: made | notify.message(),
        lambda made: notify.message() | made,
        lambda made: dramatiq.group([notify.message(), made | notify.message()]),
    ],
)
def test_a_message_made_with_what_is_no_delay_is_refused(
    wrap: Any, delay: Any, *, verify: bool
) -> None:
    """Dramatiq takes it, and compares it with a number later."""
    made = wrap(notify.message_with_options(args=("ada",), delay=delay))

    with pytest.raises(ArgumentError) as caught:  # noqa: SIM117
        with airlock.scope(executor="dramatiq", verify=verify):
            airlock.enqueue(made)

    assert f"a message to notify with delay={delay!r}" in str(caught.value)
    assert "a number of milliseconds" in str(caught.value)
    assert queued() == []


def test_a_pipeline_is_sent_whole() -> None:
    """The worker sends the second message when the first is done."""
    enqueue(invoice.message(17) | notify.message("hello"))

    [message] = queued(queue="invoices")
    assert message.options["pipe_target"]["args"] == ["hello"]
    assert queued() == []


def test_a_pipeline_may_be_delayed() -> None:
    """Its first message is."""
    enqueue(notify.message(1) | notify.message(2), _dispatch_options={"delay": 60_000})

    [message] = queued()
    assert message.args == (1,)
    assert is_delayed(message, 60_000)


def test_a_group_is_sent_in_order() -> None:
    """Groups and pipelines inside it take their turn."""
    inner = dramatiq.group([notify.message(2)])
    chain = notify.message(3) | notify.message(30)

    enqueue(dramatiq.group([notify.message(1), inner, chain, notify.message(4)]))

    assert [message.args for message in queued()] == [(1,), (2,), (3,), (4,)]


def test_a_group_may_be_delayed() -> None:
    """Each of its messages is."""
    group = dramatiq.group([notify.message(1), notify.message(2)])

    enqueue(group, _dispatch_options={"delay": 60_000})

    assert [is_delayed(message, 60_000) for message in queued()] == [True, True]


def test_an_empty_group_is_no_error() -> None:
    """Nobody had to be notified this time; Dramatiq accepts it too."""
    enqueue(dramatiq.group([]))

    assert queued() == []


# What Dramatiq 1 says of backends whose libraries are not there.
@pytest.mark.filterwarnings("ignore::ImportWarning")
def test_a_group_calls_back_where_its_broker_can() -> None:
    """The callback is part of the same effect."""
    from dramatiq.rate_limits.backends.stub import StubBackend

    owner = StubBroker(middleware=[GroupCallbacks(StubBackend())])
    task = declare(lambda: None, owner)
    group = dramatiq.group([task.message()], broker=owner)
    group.add_completion_callback(task.message())

    enqueue(group)

    [message] = queued(owner)
    assert message.options["group_completion_callbacks"]


def test_a_group_that_nothing_calls_back_is_refused() -> None:
    """Without the middleware all would be done, and the callback never."""
    group = dramatiq.group([notify.message(1)])
    group.add_completion_callback(notify.message(2))

    with pytest.raises(NotATaskError, match="GroupCallbacks"):
        enqueue(group)

    assert queued() == []


@pytest.mark.parametrize(
    "made", [dramatiq.pipeline([]), dramatiq.group([notify]), dramatiq.group([1])]
)
def test_what_holds_no_messages_is_refused(made: Any) -> None:
    """Dramatiq would fail in the middle of it, with an error of its insides."""
    with pytest.raises(NotATaskError, match=r"actor\.message"):
        enqueue(made)


@pytest.mark.parametrize(("args", "kwargs"), [((2,), {}), ((), {"subject": "hello"})])
@pytest.mark.parametrize(
    "made",
    [
        notify.message(1),
        notify.message(1) | notify.message(2),
        dramatiq.group([notify.message(1)]),
    ],
)
def test_a_message_takes_no_arguments_beside_it(
    made: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Dramatiq has no place for them, so they would be lost without a word."""
    with pytest.raises(NotATaskError, match="message alone"):
        enqueue(made, *args, **kwargs)

    assert queued() == []


def test_a_message_takes_no_options_but_a_delay() -> None:
    """It was made with its options."""
    with pytest.raises(DramatiqOptionError, match="It knows: delay"):
        enqueue(notify.message(1), _dispatch_options={"max_retries": 3})

    assert queued() == []


@pytest.mark.parametrize(
    "wrap", [lambda m: m, lambda m: m | m, lambda m: notify.message() | m]
)
def test_a_message_whose_actor_its_broker_does_not_know_is_refused(wrap: Any) -> None:
    """It would go to the global broker, where no worker takes it."""
    other = StubBroker(middleware=[])
    task = declare(lambda: None, other, actor_name="elsewhere")

    with pytest.raises(NotATaskError, match=r"\'elsewhere'.*StubBroker") as caught:
        enqueue(wrap(task.message()))

    assert "enqueue(broker.enqueue, message)" in str(caught.value)
    assert queued() == []


def test_naming_the_broker_sends_any_message() -> None:
    """The way out that the error names."""
    other = StubBroker(middleware=[])
    task = declare(lambda: None, other, actor_name="elsewhere")
    chain = dramatiq.pipeline([task.message(), task.message()], broker=other)

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(other.enqueue, task.message())
        airlock.enqueue(chain)
        assert queued(other) == []

    assert len(queued(other)) == 2
    assert dramatiq.get_broker() is broker


def test_a_group_is_refused_whole() -> None:
    """Half a group would be sent again when somebody tries again."""
    other = StubBroker(middleware=[])
    task = declare(lambda: None, other, actor_name="elsewhere")

    with pytest.raises(NotATaskError):
        enqueue(dramatiq.group([notify.message(1), task.message()]))

    assert queued() == []


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        lambda lock: dramatiq.group([notify.message(1), notify.message(lock)]),
        lambda lock: dramatiq.group(
            [notify.message(1), dramatiq.group([notify.message(lock)])]
        ),
        lambda lock: dramatiq.group(
            [notify.message(1), notify.message(2) | notify.message(lock)]
        ),
    ],
)
def test_an_argument_that_cannot_be_encoded_keeps_the_whole_group_back(
    make: Any, *, verify: bool
) -> None:
    """Dramatiq would find it out after the first message has left."""
    made = make(threading.Lock())

    with pytest.raises(ArgumentError, match="a message to notify") as caught:  # noqa: SIM117
        with airlock.scope(executor="dramatiq", verify=verify):
            airlock.enqueue(made)

    assert "enqueue(dramatiq.composition:group)" in str(caught.value)
    assert queued() == []


# What Dramatiq 1 says of backends whose libraries are not there.
@pytest.mark.filterwarnings("ignore::ImportWarning")
@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize(
    ("member", "callback", "error"),
    [(None, None, ArgumentError), ([], 1, NotATaskError)],
)
def test_a_completion_callback_that_cannot_be_sent_keeps_the_group_back(
    member: Any, callback: Any, error: type[Exception], *, verify: bool
) -> None:
    """It is part of each message, and Dramatiq has none for groups of groups."""
    from dramatiq.rate_limits.backends.stub import StubBackend

    owner = StubBroker(middleware=[GroupCallbacks(StubBackend())])
    task = declare(lambda *_: None, owner)
    inner = task.message() if member is None else dramatiq.group(member, broker=owner)
    group = dramatiq.group([task.message(), inner], broker=owner)
    group.add_completion_callback(task.message(callback or threading.Lock()))

    with pytest.raises(error):  # noqa: SIM117
        with airlock.scope(executor="dramatiq", verify=verify):
            airlock.enqueue(group)

    assert queued(owner) == []
