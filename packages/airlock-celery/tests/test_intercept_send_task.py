"""The global intercept and tasks that are called by their name alone."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from worker_memory import Message, advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

app = memory_app()
ran: list[str] = []


@app.task(shared=False, time_limit=30, shadow_name=lambda *_: "a shadow")
def notify(address: str) -> None:
    """Be known to this process, with options of its own."""
    ran.append(address)


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    queued(app)
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


def said(message: Message) -> dict[str, Any]:
    """Return what a message says, but for what is new in each."""
    ids = {"id", "root_id", "origin"}
    headers = {key: value for key, value in message.headers.items() if key not in ids}
    return {**headers, "args": message.args, "kwargs": message.kwargs}


@pytest.mark.parametrize("name", [notify.name, "far.away"])
def test_the_message_is_that_of_send_task(name: str) -> None:
    """The worker may run another version, which takes other arguments."""
    call: Any = name, ("ada", "bob"), {"cc": "cem"}
    with advised():
        app.send_task(*call, expires=60)
        with airlock.scope(executor="celery"):
            app.send_task(*call, expires=60)

    outside, inside = map(said, queued(app))
    assert outside.pop("expires")[:10] == inside.pop("expires")[:10]
    assert inside == outside


def test_the_warning_says_what_was_called() -> None:
    """Whoever looks for `delay()` in that line finds none."""
    with advised() as caught:
        app.send_task("far.away")

    [warning] = caught
    assert str(warning.message) == (
        "far.away was called by Celery's send_task(), past airlock. Write instead: "
        "airlock.enqueue(app.signature('far.away'))"
    )


def test_a_name_may_be_given_by_its_name() -> None:
    """As all that Celery takes."""
    with airlock.scope(executor="celery"), advised():
        app.send_task(name="far.away", kwargs={"address": "ada"})

    assert [message.kwargs for message in queued(app)] == [{"address": "ada"}]


def test_a_scope_that_verifies_accepts_it() -> None:
    """What the other side takes is not known here."""
    with airlock.scope(executor="celery", verify=True) as scope, advised():
        app.send_task(notify.name, ("ada", "bob"))

    assert scope.dispatched == scope.intents


def test_it_runs_in_place_where_nothing_else_is_configured() -> None:
    """If the process knows it."""
    with airlock.scope(), advised():
        app.send_task(notify.name, ("ada",))

    assert ran == ["ada"]
    with pytest.raises(KeyError, match=r"far\.away"), airlock.scope(), advised():
        app.send_task("far.away")
