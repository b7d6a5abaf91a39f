"""LegacyTaskShim: the old calls, what they say, and what they enqueue."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from celery import group
from worker_memory import advised, eager_app, memory_app, queued, trace

import airlock
from airlock.integrations.celery import AirlockTask, LegacyTaskShim

app = memory_app()
HERE = str(Path(__file__))


@pytest.fixture(autouse=True)
def _nothing_queued_yet() -> None:
    queued(app)


@app.task(base=LegacyTaskShim, shared=False)
def notify(address: str, subject: str = "hello") -> None:
    """Be called in the old way."""


class Wordy:
    """Have a representation that nobody wants to read whole."""

    def __repr__(self) -> str:
        return "w" * 1000


class Speechless:
    """Have none at all."""

    def __repr__(self) -> str:
        raise ValueError("boom")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: notify.delay("ada"), "airlock.enqueue(notify, 'ada')"),
        (
            lambda: notify.delay("ada", subject="bye"),
            "airlock.enqueue(notify, 'ada', subject='bye')",
        ),
        (
            lambda: notify.apply_async(("ada",), countdown=60),
            "airlock.enqueue(notify, 'ada', _dispatch_options={'countdown': 60})",
        ),
        (
            lambda: notify.apply_async(["ada"], {"subject": "bye"}, "own"),
            "(notify, 'ada', subject='bye', _dispatch_options={'task_id': 'own'})",
        ),
        (lambda: notify.apply_async(None), "airlock.enqueue(notify)"),
        (lambda: notify.s("ada").delay(), "airlock.enqueue(notify, 'ada')"),
        (
            lambda: notify.delay(Wordy()),
            f"airlock.enqueue(notify, {'w' * 77}...)",
        ),
        (lambda: notify.delay(Speechless()), "airlock.enqueue(notify, <Speechless>)"),
    ],
)
def test_a_warning_shows_what_to_write(call: Any, text: str) -> None:
    """At the line that is to be changed, with all it needs."""
    with airlock.scope(policy=airlock.DropAll()), advised() as caught:
        result = call()

    [warning] = caught
    assert result is None
    assert warning.category is DeprecationWarning
    said = "notify was called by Celery's delay() or apply_async(), past airlock. "
    assert f"{said}Write instead: " in str(warning.message)
    assert str(warning.message).endswith(text)
    assert warning.filename == HERE
    assert warning.lineno == call.__code__.co_firstlineno


def test_a_warning_reads_no_more_of_an_argument_than_it_shows() -> None:
    """Such an argument may be the whole of a table."""
    read: list[int] = []

    class Row:
        def __repr__(self) -> str:
            read.append(1)
            return "row"

    with airlock.scope(policy=airlock.DropAll()), advised() as caught:
        notify.delay([Row() for _ in range(1000)])

    [warning] = caught
    assert "airlock.enqueue(notify, [row, row, " in str(warning.message)
    assert len(read) < 100


def test_a_warning_names_a_task_that_is_a_class_by_its_registration() -> None:
    """The name of the class is not that of the task, which may not have a name."""

    class SendMail(LegacyTaskShim):
        name = "send_mail"

        def run(self, address: str) -> None: ...

    task = app.register_task(SendMail())
    with airlock.scope(policy=airlock.DropAll()), advised() as caught:
        task.delay("ada")
        (task.s("ada") | notify.s("bob")).delay()

    texts = [str(warning.message).partition("instead: ")[2] for warning in caught]
    assert texts[0] == "airlock.enqueue(app.tasks['send_mail'], 'ada')"
    assert "(app.tasks['send_mail'].s('ada') | notify" in texts[1]


def test_the_call_becomes_one_intent() -> None:
    """With everything that Celery was told, and where it was told."""
    with airlock.scope(executor="celery") as scope, advised():
        notify.apply_async(("ada",), {"subject": "bye"}, priority=5)

    [intent] = scope.intents
    assert intent.task == notify
    assert intent.args == ("ada",)
    assert intent.kwargs == {"subject": "bye"}
    assert intent.dispatch_options == {"priority": 5}
    assert str(intent.origin).startswith(HERE)
    [message] = queued(app)
    assert message.kwargs == {"subject": "bye"}


def test_it_is_an_error_outside_a_scope() -> None:
    """The task is said to be migrated, so there must be a boundary."""
    with advised(), pytest.raises(airlock.NoScopeError):
        notify.delay("ada")

    assert queued(app) == []


def test_a_wrong_option_is_refused_at_the_call() -> None:
    """As Python itself would."""
    with airlock.scope(), pytest.raises(TypeError, match="multiple values"):
        notify.apply_async(("ada",), args=("bob",))


def test_an_open_connection_is_not_kept() -> None:
    """It would be closed or in other hands when the scope flushes."""
    with (
        app.producer_or_acquire() as producer,
        advised(),
        airlock.scope(executor="celery") as scope,
    ):
        notify.apply_async(("ada",), producer=producer, connection=None)

    assert [intent.dispatch_options for intent in scope.intents] == [None]
    assert len(queued(app)) == 1


def test_members_of_a_group_are_effects_of_their_own() -> None:
    """The group is Celery's, and gives them its producer."""
    with airlock.scope(executor="celery") as scope, advised() as caught:
        group(notify.s("ada"), notify.s("bob")).delay()

    options: list[Any] = [intent.dispatch_options for intent in scope.intents]
    assert {warning.filename for warning in caught} == {HERE}
    assert options[0]["group_id"] == options[1]["group_id"]
    assert "producer" not in options[0]
    assert [message.args for message in queued(app)] == [["ada"], ["bob"]]


def test_the_executor_is_not_intercepted() -> None:
    """Whether or not there is a scope around the one that flushes."""
    with airlock.scope() as outer, airlock.scope(executor="celery"):
        airlock.enqueue(notify, "ada")

    assert outer.intents == []
    assert len(queued(app)) == 1


def test_a_subclass_may_have_its_say() -> None:
    """The warning points at its caller, and Celery is still known behind it."""

    class Traced(LegacyTaskShim):
        def apply_async(self, *args: Any, **options: Any) -> Any:
            return super().apply_async(*args, **options)

    def wrapping(*args: Any, **kwargs: Any) -> Any:
        return Traced.apply_async(*args, **kwargs)

    Traced.delay = wrapping

    @app.task(base=Traced, shared=False, name="traced")
    def traced() -> None: ...

    with airlock.scope(policy=airlock.DropAll()), advised() as caught:
        traced.apply_async()

    [warning] = caught
    assert warning.lineno > wrapping.__code__.co_firstlineno + 5


def test_a_method_started_as_a_thread_has_no_caller() -> None:
    """The stack ends at it; the call is the project's all the same."""
    seen: list[Any] = []

    def work() -> None:
        with airlock.scope(policy=airlock.DropAll()) as scope:
            notify.delay("ada")
        seen.append(len(scope.intents))

    with advised():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert seen == [1]


def test_calling_in_place_is_not_intercepted() -> None:
    """Nothing is published by it."""
    assert notify.apply(("ada",)).successful()
    assert notify("ada") is None


def test_in_eager_mode_the_body_is_not_taken_for_the_executor() -> None:
    """It runs inside the call that publishes it, and calls in the old way itself."""
    eager = eager_app()

    @eager.task(base=AirlockTask, shared=False)
    def order() -> None:
        notify.delay("ada")

    @eager.task(shared=False)
    def order_without_scope() -> None:
        notify.delay("ada")

    with advised(), airlock.scope(executor="celery"):
        airlock.enqueue(order)
    assert len(queued(app)) == 1

    with (
        advised(),
        pytest.raises(airlock.NoScopeError),
        airlock.scope(executor="celery"),
    ):
        airlock.enqueue(order_without_scope)


@app.task(base=LegacyTaskShim, bind=True, shared=False)
def retry(self: Any) -> None:
    """Try again."""
    raise self.retry(countdown=0)


@app.task(bind=True, shared=False)
def replace(self: Any) -> None:
    """Let a shimmed task do the work."""
    self.replace(notify.si("ada"))


@app.task(shared=False)
def chained() -> None:
    """Be followed by a shimmed task."""


@pytest.mark.parametrize(
    ("task", "sent"), [(retry, "test_shim_call.retry"), (replace, notify.name)]
)
def test_what_celery_publishes_itself_passes(task: Any, sent: str) -> None:
    """Where there is no scope, and with no warning: nobody could write it otherwise."""
    trace(task)

    assert [message.task for message in queued(app)] == [sent]


def test_a_callback_passes() -> None:
    """The tracer sends it, after the scope of the task has ended."""
    eager = eager_app()
    done = eager.task(chained.run, name="done", shared=False)

    done.apply(link=notify.si("ada"))

    assert [message.args for message in queued(app)] == [["ada"]]
