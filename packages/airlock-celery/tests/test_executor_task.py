"""Celery tasks become messages."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="misc,no-untyped-call,untyped-decorator"
from __future__ import annotations

import asyncio
from typing import Any

import pytest
from celery import Task, current_app, shared_task
from executor_app import add, flush, make_app, make_task, queued, record

import airlock
from airlock import NotATaskError


def test_a_task_is_queued_and_does_not_run_in_place() -> None:
    """The message waits for a worker, with the arguments of the enqueue."""
    task = make_task()

    with airlock.scope(executor="celery"):
        airlock.enqueue(task, "ada", subject="hello")

    [message] = queued(task.app)
    assert message.task == task.name
    assert message.args == ["ada"]
    assert message.kwargs == {"subject": "hello"}


def test_an_argument_named_like_a_parameter_of_celery_reaches_the_task() -> None:
    """`delay()` passes them on as well; `apply_async(**kwargs)` would not."""
    task = make_task()
    names = "args", "kwargs", "task_id", "producer", "link", "countdown", "queue"
    kwargs: dict[str, Any] = {name: f"the {name}" for name in names}

    with airlock.scope(executor="celery"):
        airlock.enqueue(task, **kwargs)

    [message] = queued(task.app)
    assert message.kwargs == kwargs


def test_a_task_of_an_app_that_is_not_finalised_yet_is_a_task() -> None:
    """Until then `app.task` returns a proxy, whose class is none of Celery's."""
    app = make_app()
    lazy = app.task(shared=False)(record)

    flush((lazy, 1))

    [message] = queued(app)
    assert message.args == [1]


def test_a_shared_task_goes_to_the_app_that_is_current_at_the_flush() -> None:
    """Reusable Django apps have no Celery app of their own."""
    before = current_app._get_current_object()
    app = make_app()
    shared = shared_task(name="airlock.shared")(record)
    app.set_current()
    try:
        flush((shared, 1), (shared, 2))
    finally:
        before.set_current()

    assert [message.args for message in queued(app)] == [[1], [2]]


def test_a_task_with_a_class_of_its_own_is_a_task() -> None:
    """As older projects write them, and register them by hand."""
    app = make_app()

    class Notify(Task):
        name = "airlock.notify"

        def run(self, address: str) -> None: ...

    notify = app.register_task(Notify())

    flush((notify, "ada"))

    [message] = queued(app)
    assert message.task == "airlock.notify"


def test_a_bound_task_is_given_itself_by_celery() -> None:
    """So its caller leaves that argument out."""

    def introspect(self: Any, number: int) -> None: ...

    task = make_task(function=introspect, bind=True)

    flush((task, 1))

    [message] = queued(task.app)
    assert message.args == [1]


def test_the_class_of_a_task_is_refused() -> None:
    """To call it only makes an instance, and the effect would be lost in silence."""

    class Notify(Task):
        name = "airlock.class"

    with pytest.raises(NotATaskError, match="register_task"):
        flush((Notify,))


def test_what_merely_has_the_methods_of_a_task_is_called() -> None:
    """A robot that has a `delay` is no message."""
    called = []

    class Robot:
        def delay(self, *_: object) -> None:
            raise AssertionError

        apply_async = delay

        def __call__(self, *args: object) -> None:
            called.append(args)

    flush((Robot(), 1))

    assert called == [(1,)]


def test_what_is_not_callable_is_refused() -> None:
    """A signature that became a dictionary is one no more."""
    with pytest.raises(NotATaskError):
        flush((dict(make_task().s(1)),))


def test_a_function_that_is_enqueued_between_tasks_runs_at_its_turn() -> None:
    """It may be what the next one relies on."""
    task = make_task()
    seen: list[int] = []

    flush((task, 1), (lambda: seen.append(len(queued(task.app))),), (task, 2))

    assert seen == [1]
    assert len(queued(task.app)) == 1


def test_the_id_of_the_message_can_be_chosen() -> None:
    """So a caller can store it, and ask for the result later."""
    task = make_task()

    flush((task, 1), task_id="order-17")

    [message] = queued(task.app)
    assert message.headers["id"] == "order-17"


def test_tasks_of_two_apps_each_go_to_their_own() -> None:
    """One process may talk to two brokers."""
    first, second = make_task(), make_task()

    flush((first, 1), (second, 2), (first, 3))

    assert [message.args for message in queued(first.app)] == [[1], [3]]
    assert [message.args for message in queued(second.app)] == [[2]]


def test_a_wrong_number_of_arguments_ends_the_flush() -> None:
    """Celery finds it; the note of the scope tells which effect it was."""
    task = make_task(function=add)

    with pytest.raises(TypeError, match="argument") as caught:
        flush((task, 1), (task, 1, 2, 3), (task, 4))

    scope = caught.value.scope  # type: ignore[attr-defined]
    assert [intent.args for intent in scope.dispatched] == [(1,)]
    assert [message.args for message in queued(task.app)] == [[1]]
    assert "effect 2 of 3" in caught.value.__notes__[0]


def test_a_coroutine_among_tasks_is_refused_by_a_plain_scope() -> None:
    """It did not run, and what came before it has left."""

    async def remind() -> None:
        raise AssertionError

    def begin() -> Any:
        return remind()

    task = make_task()

    with pytest.raises(airlock.AsyncDispatchError, match="async with") as caught:
        flush((task, 1), (begin,), (task, 2))

    assert [message.args for message in queued(task.app)] == [[1]]
    assert "effect 2 of 3. Dispatched before it: 1." in caught.value.__notes__[0]


def test_a_coroutine_among_tasks_is_awaited_in_its_turn() -> None:
    """An `async with` scope awaits the effects of whatever executor."""
    task = make_task()
    seen: list[int] = []

    async def remind() -> None:
        seen.append(len(queued(task.app)))

    def begin() -> Any:
        return remind()

    async def main() -> None:
        async with airlock.scope(executor="celery"):
            airlock.enqueue(task, 1)
            airlock.enqueue(begin)
            airlock.enqueue(task, 2)

    asyncio.run(main())

    assert seen == [1]
    assert [message.args for message in queued(task.app)] == [[2]]


def test_the_intent_is_left_as_it_was() -> None:
    """The account of the scope, and a second attempt, rely on it."""
    task = make_task()
    options = {"priority": 5, "headers": {"tenant": "north"}}

    with airlock.scope(executor="celery") as scope:
        airlock.enqueue(task, [1], key=[2], _dispatch_options=options)

    [intent] = scope.intents
    assert (intent.args, intent.kwargs) == (([1],), {"key": [2]})
    assert intent.dispatch_options == options
    assert options == {"priority": 5, "headers": {"tenant": "north"}}
