"""The global intercept: a canvas is buffered as it is when it is called."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import chain, chord, chunks, group, signature
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = memory_app()


@app.task(shared=False)
def notify(address: str = "nobody", subject: str = "") -> None:
    """Be called in the old way."""


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    queued(app)
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


def messages() -> list[tuple[Any, ...]]:
    """Take all that is queued, and return what can be told of each."""
    return [
        (*message.args, *message.kwargs.values(), message.headers["shadow"])
        for message in queued(app)
    ]


def test_a_signature_may_be_changed_for_the_next_call() -> None:
    """Celery reads it at each call, and code that works relies on that."""
    canvas = notify.s("ada")

    with airlock.scope(executor="celery"), advised():
        for name in "first", "second":
            canvas.kwargs["subject"] = name
            canvas.set(shadow=name).delay()
        canvas.args = ("bob",)
        canvas.options.clear()

    assert messages() == [
        ("ada", "first", "first"),
        ("ada", "second", "second"),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda member: group([member], app=app),
        lambda member: chain(member, member),
        lambda member: chord([member], notify.si("body"), app=app),
        lambda member: notify.si("parent").set(link=[member]),
        lambda member: chunks(member, [("cem",)], 1, app=app),
    ],
    ids=["group", "chain", "chord", "callback", "chunks"],
)
def test_so_may_the_members_of_a_canvas(make: Callable[[Any], Any]) -> None:
    """They are read with it."""
    member = notify.si("ada")
    canvas = make(member)

    with airlock.scope(policy=airlock.DropAll()) as scope, advised():
        canvas.delay()
    before = repr(dict(scope.intents[0].task))  # type: ignore[call-overload]
    for part in [member, *canvas.kwargs.get("tasks", ())]:
        part.args = ("bob",)
        part.set(shadow="changed")

    assert repr(dict(scope.intents[0].task)) == before  # type: ignore[call-overload]
    assert "'bob'" not in before


@pytest.mark.parametrize("name", ["plain", "shimmed"])
def test_a_signature_may_be_a_dictionary_written_by_hand(name: str) -> None:
    """Celery reads the parts that it needs, and no others."""
    base = LegacyTaskShim if name == "shimmed" else None
    task = app.task(notify.run, base=base, name=name, shared=False)
    raw = {"task": task.name, "args": ["ada"], "kwargs": {}, "options": {}}
    canvas = signature(raw, app=app)

    with airlock.scope(executor="celery", verify=True), advised():
        airlock.enqueue(canvas)
        canvas.delay("bob")

    assert messages() == [("ada", None), ("bob", "ada", None)]


def test_callbacks_of_the_call_are_read_with_it() -> None:
    """They are options, and signatures."""
    callback = notify.si("ada")

    with airlock.scope(policy=airlock.DropAll()) as scope, advised():
        notify.apply_async(("bob",), link=[callback])
    callback.args = ("cem",)

    [intent] = scope.intents
    assert intent.dispatch_options is not None
    assert intent.dispatch_options["link"][0].args == ("ada",)


def test_a_generator_is_read_when_it_is_sent() -> None:
    """Once: it may be endless, or ask the database."""
    read: list[str] = []

    def addresses() -> Iterator[tuple[str]]:
        read.append("now")
        yield ("ada",)

    with airlock.scope(executor="celery"), advised():
        notify.chunks(addresses(), 1).apply_async()
        before = list(read)

    assert before == []
    assert read == ["now"]
    assert len(queued(app)) == 1


def test_the_arguments_are_those_objects_themselves() -> None:
    """As everywhere in airlock: a copy of a large one would cost."""
    addresses = ["ada"]

    with airlock.scope(policy=airlock.DropAll()) as scope, advised():
        notify.s(addresses).delay()

    task: Any = scope.intents[0].task
    assert task.args[0] is addresses


def test_the_app_of_a_signature_is_kept() -> None:
    """It need not be the current one."""
    with airlock.scope(executor="celery"), advised():
        app.signature("far.away", ("ada",)).delay()

    assert [message.task for message in queued(app)] == ["far.away"]
