"""A class that overrides what is intercepted has its say once, and when it is sent."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import Task, group
from override_tasks import Publishing, Tenants, Tracing, sent
from worker_memory import advised, memory_app, queued, trace

import airlock
from airlock.integrations.celery import (
    AirlockTask,
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

app = memory_app()


class Shimmed(Publishing, LegacyTaskShim):
    """Come before the shim, and be no shim."""


class OwnShim(LegacyTaskShim):
    """Be a shim with a method of its own."""

    def apply_async(
        self, args: Any = None, kwargs: Any = None, urgent: Any = None, **options: Any
    ) -> Any:
        """Take an option of its own by its place."""
        sent.append((self.name, options))
        return super().apply_async(args, kwargs, shadow=urgent, **options)


class Plain(Publishing, Task):  # type: ignore[misc]
    """Know nothing of airlock."""


def notify(address: str = "nobody") -> None:
    """Be called in the old way."""


shimmed = app.task(notify, base=Shimmed, name="shimmed", shared=False)
own_shim = app.task(notify, base=OwnShim, name="own_shim", shared=False)
plain = app.task(notify, base=Plain, name="plain", shared=False)
traced = app.task(notify, base=Tracing, name="traced", shared=False)


@pytest.fixture(autouse=True)
def _nothing_sent_yet() -> None:
    queued(app)
    sent.clear()


@pytest.fixture
def _intercepted() -> Iterator[None]:
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


@pytest.mark.parametrize("task", [shimmed, own_shim], ids=["mixed", "own"])
def test_a_shimmed_class_has_its_say_at_the_flush(task: Any) -> None:
    """Twice, it would count twice, and once of that for an effect that is dropped."""
    with airlock.scope(executor="celery") as scope, advised():
        task.delay("ada")
        before = list(sent)

    assert before == []
    assert [name for name, _ in sent] == [task.name]
    assert [intent.dispatch_options for intent in scope.intents] == [None]
    assert [message.args for message in queued(app)] == [["ada"]]


def test_an_option_is_read_as_the_class_takes_it() -> None:
    """It is that method which the caller has called."""
    with airlock.scope(executor="celery") as scope, advised():
        own_shim.apply_async(("ada",), None, "at once", priority=5)

    [intent] = scope.intents
    assert intent.dispatch_options == {"urgent": "at once", "priority": 5}
    [message] = queued(app)
    assert message.headers["shadow"] == "at once"


@pytest.mark.usefixtures("_intercepted")
@pytest.mark.parametrize("task", [plain, traced], ids=["plain", "traced"])
def test_under_the_intercept_too(task: Any) -> None:
    """Made before it was installed, and on its own or with a class of its own."""
    with airlock.scope(executor="celery"), advised() as caught:
        task.s("ada").delay()
        task.delay("bob")
        before = list(sent)

    assert before == []
    assert [name for name, _ in sent] == [task.name] * 2
    assert [warning.filename for warning in caught] == [__file__] * 2
    assert [message.args for message in queued(app)] == [["ada"], ["bob"]]


@pytest.mark.usefixtures("_intercepted")
def test_a_class_that_is_made_later_too() -> None:
    """Modules of tasks are commonly imported after the app."""

    class Later(Publishing, Task):  # type: ignore[misc]
        pass

    task = app.task(notify, base=Later, name="later", shared=False)
    with airlock.scope(executor="celery"), advised():
        task.delay("ada")
        before = list(sent)

    assert before == []
    assert [options for _, options in sent] == [{"priority": 3}]


def test_a_shim_that_is_made_under_the_intercept_is_one() -> None:
    """Strict at once, and when the intercept has gone."""
    install_global_intercept(app)
    try:

        class Later(Tracing, LegacyTaskShim):
            pass

        task = app.task(notify, base=Later, name="later_shim", shared=False)
        with advised(), pytest.raises(airlock.NoScopeError):
            task.delay("ada")
    finally:
        uninstall_global_intercept()
    with airlock.scope(executor="celery"), advised():
        task.delay("bob")
        before = list(sent)

    assert before == []
    assert [name for name, _ in sent] == [task.name]
    assert [message.args for message in queued(app)] == [["bob"]]


@pytest.mark.usefixtures("_intercepted")
@pytest.mark.parametrize("is_in_scope", [False, True])
def test_members_of_a_canvas_have_their_say_once(*, is_in_scope: bool) -> None:
    """Also those whose class asks a helper, when the canvas is sent."""
    canvas = group([plain.s("ada"), traced.s("bob"), plain.s("cem")], app=app)

    with advised() as caught:
        if is_in_scope:
            with airlock.scope(policy=airlock.DropAll()) as outer:
                with airlock.scope(executor="celery"):
                    canvas.delay()
                assert outer.intents == []
        else:
            canvas.delay()

    assert len(caught) == 1
    assert [name for name, _ in sent] == ["plain", "traced", "plain"]
    messages = [message.args for message in queued(app)]
    assert messages == [["ada"], ["bob"], ["cem"]]


@pytest.mark.parametrize("is_made_later", [False, True])
@pytest.mark.usefixtures("_intercepted")
def test_an_app_has_its_say_once(*, is_made_later: bool) -> None:
    """For what is called by a name, as for its tasks."""

    class Later(Tenants):
        def send_task(self, name: str, *args: Any, **options: Any) -> Any:
            return self._send(name, *args, **options)

    own = memory_app(kind=Later if is_made_later else Tenants)
    with airlock.scope(executor="celery") as scope, advised():
        # First: an app may have no task at all.
        own.send_task("far.away", ("bob",), None, 60)
        own.task(notify, name="own", shared=False).delay("ada")
        before = list(sent)

    assert before == []
    assert [name for name, _ in sent] == ["far.away", "own"]
    assert [i.dispatch_options for i in scope.intents] == [{"countdown": 60}, None]
    assert [message.args for message in queued(own)] == [["bob"], ["ada"]]


@pytest.mark.parametrize("task", [shimmed, plain], ids=["shimmed", "plain"])
def test_what_celery_sends_passes_through_a_helper(
    request: pytest.FixtureRequest, task: Any
) -> None:
    """Buffered with an attempt that then fails, a retry would be lost."""
    if task == plain:
        request.getfixturevalue("_intercepted")

    @app.task(base=AirlockTask, bind=True, shared=False, name=f"replace_{task.name}")
    def replace(self: Any) -> None:
        self.replace(task.si("replaced"))

    @app.task(base=task.__class__, bind=True, shared=False, name=f"retry_{task.name}")
    def retry(self: Any) -> None:
        raise self.retry(countdown=0)

    @app.task(shared=False, name=f"before_{task.name}")
    def be_in_a_chain() -> None: ...

    trace(replace)
    trace(retry)
    trace(be_in_a_chain, chain=[task.si("next")])

    assert [message.task for message in queued(app)] == [
        task.name,
        retry.name,
        task.name,
    ]


def test_a_task_is_added_to_a_chord_through_a_helper() -> None:
    """The chord waits for it: it must not wait for the end of the task."""

    @app.task(bind=True, shared=False)
    def add(self: Any) -> None:
        self.add_to_chord(shimmed.si("added"))
        assert [message.args for message in queued(app)] == [["added"]]

    class Backend:
        def add_to_chord(self, *_: Any) -> None: ...

    add.backend = Backend()
    add.push_request(chord={"task": "body"}, group="group", id="1")
    with airlock.scope(policy=airlock.DropAll()):
        add.run()
