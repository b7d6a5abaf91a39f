"""`ON_DISPATCH_ERROR`: what becomes of a dispatch that fails after the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bakery.models import Order, breads, order
from bakery.tasks import deliver, fail
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import Client

import airlock
from airlock.integrations.django import DjangoScope, dispatch_failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What the signal `dispatch_failed` has told."""
    heard: list[dict[str, Any]] = []

    def hear(**given: object) -> None:
        heard.append(given)

    dispatch_failed.connect(hear, weak=False)
    yield heard
    dispatch_failed.disconnect(hear)


@pytest.fixture
def _log(settings: Settings) -> None:
    """Failures are logged."""
    settings.AIRLOCK = {"ON_DISPATCH_ERROR": "log"}


def enqueue_all() -> None:
    """Enqueue something that cannot be dispatched, among what can."""
    airlock.enqueue(deliver, "rye")
    airlock.enqueue(fail, "spelt")
    airlock.enqueue(deliver, "oat")
    airlock.enqueue(deliver, "barley")


def test_by_default_the_error_propagates_with_its_note(
    using: str, baked: list[str], told: list[dict[str, Any]]
) -> None:
    """The same as "raise"; nobody else is told."""
    with pytest.raises(ConnectionError) as caught, airlock.scope(_cls=DjangoScope):
        with transaction.atomic(using):
            order("wheat", using)
            enqueue_all()

    assert breads(using) == ["wheat"]
    assert baked == ["wheat", "deliver rye"]
    assert "dispatching bakery.tasks:fail failed" in caught.value.__notes__[0]
    assert told == []


@pytest.mark.usefixtures("_log")
def test_a_logged_failure_names_what_did_not_leave(
    using: str, baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """All of it, in a logger of its own; the code that committed goes on."""
    with airlock.scope(_cls=DjangoScope) as scope, transaction.atomic(using):
        enqueue_all()

    assert baked == ["deliver rye"]
    assert [intent.args for intent in scope.undispatched] == [
        ("spelt",),
        ("oat",),
        ("barley",),
    ]
    [record] = [r for r in caplog.records if r.name == "airlock.dispatch"]
    assert record.levelname == "ERROR"
    assert record.getMessage() == (
        "Dispatching effects failed. 3 did not leave: bakery.tasks:fail (1), "
        "bakery.tasks:deliver (2)"
    )
    assert record.exc_info
    assert isinstance(record.exc_info[1], ConnectionError)


@pytest.mark.usefixtures("_log")
def test_a_logged_failure_is_told_by_a_signal(told: list[dict[str, Any]]) -> None:
    """A project may keep what did not leave, and send it later."""
    with airlock.scope(_cls=DjangoScope) as scope:
        enqueue_all()

    [given] = told
    assert given["sender"] is DjangoScope
    assert given["scope"] is scope
    assert isinstance(given["error"], ConnectionError)
    assert given["undispatched"] == scope.intents[1:]


@pytest.mark.usefixtures("_log")
def test_a_receiver_that_raises_does_not_fail_the_request() -> None:
    """The failure was to be logged, not to become another one."""

    def raise_again(**given: object) -> None:
        raise LookupError(given["error"])

    dispatch_failed.connect(raise_again)
    try:
        with airlock.scope(_cls=DjangoScope) as scope:
            enqueue_all()
    finally:
        dispatch_failed.disconnect(raise_again)

    assert scope.is_flushed


@pytest.mark.usefixtures("_log")
def test_a_flush_that_waited_for_the_commit_obeys_too(
    using: str, baked: list[str], told: list[dict[str, Any]]
) -> None:
    """The commit does not raise, and callbacks of others run, before and after."""
    called: list[str] = []
    with transaction.atomic(using):
        transaction.on_commit(lambda: called.append("before"), using)
        with airlock.scope(_cls=DjangoScope):
            enqueue_all()
        transaction.on_commit(lambda: called.append("after"), using)

    assert baked == ["deliver rye"]
    assert called == ["before", "after"]
    assert [len(given["undispatched"]) for given in told] == [3]


@pytest.mark.parametrize("choice", ["raise", "log"])
def test_callbacks_of_a_transaction_inside_the_scope_run(
    using: str, choice: str, settings: Settings
) -> None:
    """As in a request: they have run before anything is dispatched."""
    settings.AIRLOCK = {"ON_DISPATCH_ERROR": choice}
    called: list[str] = []
    failure: list[Exception] = []
    try:
        with airlock.scope(_cls=DjangoScope), transaction.atomic(using):
            transaction.on_commit(lambda: called.append("before"), using)
            enqueue_all()
            transaction.on_commit(lambda: called.append("after"), using)
    except ConnectionError as error:
        failure.append(error)

    assert called == ["before", "after"]
    assert len(failure) == (1 if choice == "raise" else 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("choice", "status"), [("raise", 500), ("log", 200)])
def test_a_request_answers_as_chosen(
    choice: str, status: int, settings: Settings
) -> None:
    """The customer has ordered: whether a page says so is the project's decision."""
    settings.AIRLOCK = {
        "ON_DISPATCH_ERROR": choice,
        "TASK_BACKEND": "bakery.executors.away",
    }

    response = Client(raise_request_exception=False).get("/order/200/")

    assert response.status_code == status
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("choice", ["raise", "log"])
def test_a_stream_ends_as_chosen(choice: str, settings: Settings) -> None:
    """Its chunks are sent by then: an error breaks the connection off."""
    settings.AIRLOCK = {"ON_DISPATCH_ERROR": choice}
    settings.MIDDLEWARE = ["airlock.integrations.django.AirlockMiddleware"]
    response: Any = Client().get("/stream/broken/")
    chunks: list[bytes] = []
    failure: list[Exception] = []
    try:
        chunks.extend(response.streaming_content)
    except ConnectionError as error:
        failure.append(error)

    assert chunks == [b"a"]
    assert len(failure) == (1 if choice == "raise" else 0)


@pytest.mark.usefixtures("_log")
def test_what_ends_the_process_is_raised_all_the_same() -> None:
    """An interruption is no failure of the broker."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), airlock.scope(_cls=DjangoScope):
        airlock.enqueue(interrupt)


@pytest.mark.parametrize("value", ["Log", "ignore", None, True])
def test_another_choice_is_refused(value: object, settings: Settings) -> None:
    """Before anything is enqueued, with key, value and what is expected."""
    settings.AIRLOCK = {"ON_DISPATCH_ERROR": value}

    with pytest.raises(ImproperlyConfigured) as caught:
        DjangoScope()

    text = f"AIRLOCK['ON_DISPATCH_ERROR'] is {value!r}. Set it to 'raise' or 'log'."
    assert str(caught.value) == text
