"""Proof at the call site: `verify` and `call_sites`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
from recording import Recorder, record

import airlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock import Intent


def send(user_id: int, *, subject: str = "") -> None:
    """Take one argument, and perhaps another."""


class Message:
    """A queue's message: it has its arguments, and cannot be called."""

    name = "send"


class Checking(Recorder):
    """An executor that refuses what its queue cannot carry."""

    def check(self, intent: Intent) -> None:
        """Refuse objects."""
        for value in intent.args:
            if type(value) is object:
                raise TypeError(f"{intent.name}: cannot serialise {value!r}")


@pytest.mark.parametrize("arguments", [{"user_idd": 1}, {}, {"user_id": 1, "to": 2}])
def test_wrong_arguments_raise_at_the_call_site(arguments: dict[str, int]) -> None:
    """Not after the commit, in another process."""
    with (
        airlock.scope(verify=True) as s,
        pytest.raises(airlock.TaskArgumentsError) as caught,
    ):
        airlock.enqueue(send, **arguments)  # type: ignore[call-overload]

    assert s.intents == []
    assert "Its signature is (user_id: 'int', *, subject: 'str' = '')" in str(
        caught.value
    )


def with_database(function: Callable[..., None]) -> Callable[..., None]:
    """Decorate as dependency injection does: the first argument is supplied."""

    @functools.wraps(function)
    def call(user: int) -> None:
        function("database", user)

    return call


@with_database
def store(database: str, user: int) -> None:
    """Take what the decorator supplies, and one argument more."""


class Unsigned:
    """A task whose signature cannot be read."""

    @property
    def __signature__(self) -> object:
        raise NameError("Money")

    def __call__(self) -> None:
        """Stand for an effect."""


def test_what_a_decorator_accepts_passes(executor: Recorder) -> None:
    """Refusing a call that works would be worse than missing one that does not."""
    with airlock.scope(executor=executor, verify=True):
        airlock.enqueue(store, 1)
        airlock.enqueue(Unsigned())
        with pytest.raises(airlock.TaskArgumentsError) as caught:
            airlock.enqueue(store, 1, 2, 3)

    assert len(executor.intents) == 2
    # The function's own, which its author knows.
    assert "signature is (database: 'str', user: 'int')" in str(caught.value)


def test_right_arguments_pass(executor: Recorder) -> None:
    """Proof changes nothing else."""
    with airlock.scope(executor=executor, verify=True):
        airlock.enqueue(send, 1, subject="hi")

    assert executor.values == [1]


def test_without_verification_wrong_arguments_are_accepted(executor: Recorder) -> None:
    """It costs more than the enqueue: off by default."""
    with airlock.scope(executor=executor):
        airlock.enqueue(send, nonsense=1)  # type: ignore[call-overload]

    assert len(executor.intents) == 1


def test_a_process_can_verify_everywhere() -> None:
    """In tests and in development."""
    with (
        airlock.configure(verify=True),
        airlock.scope(),
        pytest.raises(airlock.TaskArgumentsError),
    ):
        airlock.enqueue(send)  # type: ignore[call-overload]


def test_a_scope_can_be_exempt(executor: Recorder) -> None:
    """The argument wins over the configuration."""
    with airlock.configure(verify=True), airlock.scope(executor=executor, verify=False):
        airlock.enqueue(send)  # type: ignore[call-overload]

    assert len(executor.intents) == 1


def test_the_executor_is_asked_what_its_queue_carries() -> None:
    """Its `check` raises at the line that wrote the argument."""
    executor = Checking()
    with (
        airlock.scope(executor=executor, verify=True) as s,
        pytest.raises(TypeError, match="cannot serialise"),
    ):
        airlock.enqueue(record, object())

    assert s.intents == []


@pytest.mark.parametrize("task", [Message(), max, dict])
def test_a_task_without_a_signature_is_not_bound(task: object) -> None:
    """Messages have their arguments; some built-in functions tell none."""
    executor = Checking()
    with airlock.scope(executor=executor, verify=True):
        airlock.enqueue(task)  # type: ignore[call-overload]

    assert len(executor.intents) == 1


def test_call_sites_are_noted_on_request() -> None:
    """File and line of the enqueue itself."""
    with airlock.configure(call_sites=True), airlock.scope("drop_all") as s:
        airlock.enqueue(record)

    line = test_call_sites_are_noted_on_request.__code__.co_firstlineno + 3
    assert s.intents[0].call_site == f"{__file__}:{line}"


def test_call_sites_are_not_noted_otherwise() -> None:
    """Walking frames costs, and nobody asked."""
    with airlock.scope("drop_all") as s:
        airlock.enqueue(record)

    assert s.intents[0].call_site is None


def test_a_check_that_would_have_to_be_awaited_is_an_error() -> None:
    """Nobody awaits it, and it would find nothing."""

    class Checking:
        def __call__(self, intent: Intent) -> None:
            del intent

        async def check(self, intent: Intent) -> None:
            del intent

    with (
        pytest.raises(airlock.ArgumentError, match="returned an awaitable"),
        airlock.scope(executor=Checking(), verify=True),
    ):
        airlock.enqueue(record)


def test_a_scoped_task_is_verified_as_the_function_it_is() -> None:
    """The decorator takes what the function takes, and nothing else."""

    @airlock.scoped()
    def send(user_id: int) -> None:
        del user_id

    with airlock.scope(verify=True) as s, pytest.raises(airlock.TaskArgumentsError):
        airlock.enqueue(send, usr_id=1)  # type: ignore[call-overload]

    assert s.intents == []


def test_scoped_functions_may_be_told_to_verify() -> None:
    """It takes what `scope()` takes."""

    @airlock.scoped(verify=True)
    def place() -> None:
        airlock.enqueue(record_one)  # type: ignore[call-overload]

    def record_one(value: object) -> None:
        del value

    with pytest.raises(airlock.TaskArgumentsError):
        place()


def test_a_signature_that_cannot_be_shown_is_not_verified(executor: Recorder) -> None:
    """Its own error would hide the one that matters."""

    class Unshowable:
        def __repr__(self) -> str:
            raise RuntimeError("no repr")

    def task(value: object = Unshowable()) -> None:
        del value

    with airlock.scope(executor=executor, verify=True):
        airlock.enqueue(task, 1)

    assert len(executor.intents) == 1
