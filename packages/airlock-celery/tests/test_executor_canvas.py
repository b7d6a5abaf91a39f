"""Signatures and canvases are published whole, once."""

from __future__ import annotations

from typing import Any

import pytest
from celery import chain, chord, group
from executor_app import flush, make_app, make_task, queued

import airlock
from airlock import ArgumentError


@pytest.fixture
def task() -> Any:
    """Return a task of an app that can hold the results of a chord."""
    return make_task(make_app(result_backend="cache+memory://"))


def test_a_signature_is_published_with_its_own_arguments_and_options(task: Any) -> None:
    """It was prepared to be sent."""
    flush((task.s(1, subject="hello").set(priority=3),))

    [message] = queued(task.app)
    assert (message.args, message.kwargs) == ([1], {"subject": "hello"})
    assert message.properties["priority"] == 3


def test_further_arguments_go_before_those_of_a_signature(task: Any) -> None:
    """As Celery does it: a callback is given the result first."""
    flush((task.s(2), 1))

    [message] = queued(task.app)
    assert message.args == [1, 2]


def test_options_go_before_those_of_a_signature(task: Any) -> None:
    """The enqueue is nearer to the effect."""
    flush((task.s(1).set(priority=3),), priority=6)

    [message] = queued(task.app)
    assert message.properties["priority"] == 6


def test_a_signature_of_a_task_that_only_the_worker_knows_is_published() -> None:
    """Two projects share a broker, not their code."""
    app = make_app()

    flush((app.signature("elsewhere.task", args=(1,)), 0))

    [message] = queued(app)
    assert (message.task, message.args) == ("elsewhere.task", [0, 1])


def test_a_chain_is_one_message_with_the_rest_inside(task: Any) -> None:
    """The worker publishes the second step when the first is done."""
    flush((chain(task.s(1), task.s(2), task.s(3)),))

    [message] = queued(task.app)
    assert message.args == [1]


def test_a_group_is_published_whole(task: Any) -> None:
    """All members, in their order, made from a generator too."""
    flush((group(task.s(number) for number in range(3)),))

    assert [message.args for message in queued(task.app)] == [[0], [1], [2]]


def test_a_chord_is_published_whole(task: Any) -> None:
    """The header; its body waits for the results."""
    flush((chord([task.s(1), task.s(2)], task.s()),))

    messages = queued(task.app)
    assert [message.args for message in messages[:2]] == [[1], [2]]


def test_chunks_and_maps_are_published_whole(task: Any) -> None:
    """They become tasks of Celery's own."""
    flush((task.chunks([(1,), (2,), (3,)], 2),), (task.map([4, 5]),))

    names = [message.task for message in queued(task.app)]
    assert names == ["celery.starmap", "celery.starmap", "celery.map"]


def test_options_hold_for_each_member_of_a_group(task: Any) -> None:
    """Celery passes them on."""
    flush((group(task.s(1), task.s(2)),), priority=6)

    assert [m.properties["priority"] for m in queued(task.app)] == [6, 6]


@pytest.mark.parametrize(
    "make",
    [
        lambda task: task.si(1),
        lambda task: chain(task.si(1), task.s()),
        lambda task: group(task.s(1), task.si(2)),
        lambda task: group(task.s(1), group(task.si(2))),
        lambda task: chord([task.si(1)], task.s()),
        lambda task: chord(group(task.si(1), task.s(2)), task.s()),
        lambda task: task.chunks([(1,)], 1),
        lambda task: task.map([1]),
    ],
    ids=["si", "chain", "group", "nested", "chord", "chord of group", "chunks", "map"],
)
@pytest.mark.parametrize("given", [((2,), {}), ((), {"key": 2})])
def test_arguments_that_celery_would_drop_are_refused(
    task: Any, make: Any, given: tuple[Any, Any]
) -> None:
    """It drops them in silence, beside whatever is immutable."""
    args, kwargs = given
    with pytest.raises(ArgumentError, match="immutable"):
        enqueue(make(task), *args, **kwargs)

    assert queued(task.app) == []


def enqueue(canvas: Any, *args: Any, **kwargs: Any) -> None:
    """Enqueue one canvas with arguments beside it, and flush."""
    with airlock.scope(executor="celery"):
        airlock.enqueue(canvas, *args, **kwargs)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda task: chain(task.s(1), task.si(2)), [[0, 1]]),
        (lambda task: group(task.s(1), task.s(2)), [[0, 1], [0, 2]]),
        (lambda task: chord([task.s(1)], task.si(2)), [[0, 1]]),
        (lambda task: chord(group(task.s(1)), task.si(2)), [[0, 1]]),
    ],
    ids=["chain", "group", "chord", "chord of group"],
)
def test_arguments_reach_who_takes_them(task: Any, make: Any, expected: Any) -> None:
    """The first step, or each member."""
    enqueue(make(task), 0)

    messages = [message for message in queued(task.app) if "chord" not in message.task]
    assert [message.args for message in messages] == expected


@pytest.mark.parametrize("make", [lambda t: t.si(1), lambda t: t.map([1])])
def test_an_immutable_signature_alone_is_published(task: Any, make: Any) -> None:
    """Nothing is lost where nothing is added."""
    enqueue(make(task))

    assert len(queued(task.app)) == 1


def test_keyword_arguments_beside_a_chord_are_left_as_they_were(task: Any) -> None:
    """Celery takes one named `body` out of what it is given."""
    body = task.si("other")

    with airlock.scope(executor="celery") as scope:
        airlock.enqueue(chord([task.s(1)], task.s()), body=body)

    assert scope.intents[0].kwargs == {"body": body}
