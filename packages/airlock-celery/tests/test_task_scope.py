"""AirlockTask: which scope a task runs in, and what becomes of its effects."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

import pytest
from celery import Celery, Task
from celery.exceptions import Ignore
from worker_memory import eager_app, memory_app, queued

import airlock
from airlock import Intent
from airlock.integrations.celery import AirlockTask
from airlock.integrations.executors.sync import sync_executor

app = memory_app()
ran: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    ran.clear()
    queued(app)


def remember(intent: Intent) -> None:
    """Be an executor."""
    ran.append((intent.name, *intent.args))


def refuse(_: Intent) -> None:
    """Be an executor whose queue is away."""
    raise ConnectionError("broker away")


@app.task(shared=False)
def notify(address: str) -> None:
    """Be an effect."""


@app.task(base=AirlockTask, shared=False)
def order(address: str) -> str:
    """Enqueue an effect."""
    airlock.enqueue(notify, address)
    return address


def test_an_effect_becomes_a_message_where_nothing_is_configured() -> None:
    """Run in place, it would make the task slower and fail with it."""
    order.apply(("ada",))

    [message] = queued(app)
    assert message.task == "test_task_scope.notify"
    assert message.args == ["ada"]


def test_a_task_called_in_place_without_a_scope_opens_one() -> None:
    """A script may call it as the function that it was."""
    result = order("ada")

    assert result == "ada"
    assert len(queued(app)) == 1


def test_a_task_called_in_place_belongs_to_the_scope_of_its_caller() -> None:
    """What the caller's policy drops must not leave by a scope inside."""
    with airlock.scope(policy=airlock.DropAll()) as scope:
        order("ada")

    assert [intent.name for intent in scope.intents] == ["test_task_scope.notify"]
    assert queued(app) == []


def test_an_exception_discards() -> None:
    """Whatever it is."""

    @app.task(base=AirlockTask, shared=False)
    def fail() -> None:
        airlock.enqueue(notify, "ada")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail.apply()

    assert queued(app) == []


def test_a_flush_that_fails_fails_the_task_and_is_not_tried_again() -> None:
    """A part may have left: to run the body again would send that twice."""

    class Fragile(AirlockTask):
        airlock_executor = refuse  # type: ignore[assignment]  # a class attribute

    @app.task(base=Fragile, autoretry_for=(ConnectionError,), shared=False)
    def overreach() -> None:
        airlock.enqueue(notify, "ada")

    result = overreach.apply()

    assert result.state == "FAILURE"
    assert isinstance(result.result, ConnectionError)
    assert queued(app) == []


def test_the_configured_executor_is_used() -> None:
    """The application has chosen one for all its scopes."""
    with airlock.configure(executor=remember):
        order.apply(("ada",))

    assert ran == [("test_task_scope.notify", "ada")]


def test_the_configured_scope_is_used() -> None:
    """As the one that waits for the commit, where Django is."""

    class OwnScope(airlock.Scope):
        pass

    @app.task(base=AirlockTask, shared=False)
    def tell() -> str:
        return type(airlock.get_current_scope()).__name__

    with airlock.configure(scope=OwnScope):
        result = tell.apply()

    assert result.get() == "OwnScope"


def test_a_task_class_may_choose_for_itself() -> None:
    """A function given as an executor does not turn into a method."""

    class OwnScope(airlock.Scope):
        pass

    class Own(AirlockTask):
        airlock_policy = airlock.BlockTasks(["test_task_scope.notify"])
        airlock_executor = remember  # type: ignore[assignment]  # a class attribute
        airlock_scope = OwnScope

    @app.task(base=Own, shared=False)
    def tell_and_enqueue() -> str:
        airlock.enqueue(notify, "ada")
        airlock.enqueue(order, "ada")
        return type(airlock.get_current_scope()).__name__

    result = tell_and_enqueue.apply()

    assert result.get() == "OwnScope"
    assert ran == [("test_task_scope.order", "ada")]


def test_running_in_place_can_be_chosen_for_a_task_class() -> None:
    """Chosen for the whole process, it cannot be told from no choice at all."""

    @app.task(base=AirlockTask, airlock_executor=sync_executor, shared=False)
    def remember_in_place() -> None:
        airlock.enqueue(ran.append, "in place")
        airlock.enqueue(order, "ada")

    remember_in_place.apply()

    assert ran == ["in place"]
    assert [message.task for message in queued(app)] == ["test_task_scope.notify"]


def test_the_task_knows_its_own_request() -> None:
    """Celery's own `__call__` would put an empty one over it."""

    @app.task(base=AirlockTask, bind=True, shared=False)
    def tell_request(self: Any) -> tuple[str, int, bool]:
        request = self.request
        return request.id, request.retries, request.called_directly

    result = tell_request.apply(task_id="my-own", retries=2)

    assert result.get() == ("my-own", 2, False)


def test_a_task_that_calls_itself_stays_in_one_scope() -> None:
    """It is one execution, and flushes at its end."""

    @app.task(base=AirlockTask, bind=True, shared=False)
    def count_down(self: Any, number: int) -> bool:
        airlock.enqueue(notify, str(number))
        if number:
            self(number - 1)
        return bool(self.request.called_directly)

    result = count_down.apply((2,))

    assert result.get() is False
    assert [message.args for message in queued(app)] == [["2"], ["1"], ["0"]]


def test_a_call_method_of_another_base_class_is_kept() -> None:
    """Frameworks put their context around a task in this way."""

    class Context(Task):  # type: ignore[misc]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            ran.append(airlock.get_current_scope() is not None)
            return super().__call__(*args, **kwargs)

    class Both(AirlockTask, Context):
        pass

    @app.task(base=Both, shared=False)
    def work() -> None:
        ran.append("work")

    work.apply()

    assert ran == [True, "work"]


def test_the_effects_before_a_replacement_leave() -> None:
    """In place, Celery returns the result of the replacement."""
    eager = eager_app()

    @eager.task(base=AirlockTask, bind=True, shared=False)
    def be_replaced(self: Any) -> Any:
        airlock.enqueue(notify, "ada")
        return self.replace(add.si(1, 2))

    @eager.task(shared=False)
    def add(x: int, y: int) -> int:
        return x + y

    result = be_replaced.apply()

    assert result.get() == 3
    assert len(queued(app)) == 1


def test_the_effects_before_a_replacement_by_a_message_leave_after_it() -> None:
    """A worker knows that by the exception `Ignore`."""
    replaced: list[str] = []

    class Publishing(AirlockTask):
        def on_replace(self, sig: Any) -> Any:
            replaced.append(sig.task)
            raise Ignore

    @app.task(base=Publishing, bind=True, shared=False)
    def be_replaced(self: Any) -> Any:
        airlock.enqueue(notify, "ada")
        return self.replace(notify.si("bob"))

    be_replaced.apply()

    assert replaced == ["test_task_scope.notify"]
    assert [message.args for message in queued(app)] == [["ada"]]


def test_ignore_alone_discards() -> None:
    """It says that the task has not done its work."""

    @app.task(base=AirlockTask, shared=False)
    def ignore() -> None:
        airlock.enqueue(notify, "ada")
        raise Ignore

    ignore.apply()

    assert queued(app) == []


def test_an_app_may_make_it_the_base_of_all_tasks() -> None:
    """By `task_cls`, as a class or as its path."""
    path = "airlock.integrations.celery:AirlockTask"
    own = Celery("own", task_cls=path, broker="memory://", set_as_current=False)

    @own.task(shared=False)
    def tell() -> bool:
        return airlock.get_current_scope() is not None

    assert isinstance(tell, AirlockTask)
    assert tell.apply().get() is True
