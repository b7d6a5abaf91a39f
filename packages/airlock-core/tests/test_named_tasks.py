"""`BlockTasks` and `AllowTasks`: which task is meant."""

from __future__ import annotations

import functools
import pickle
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from recording import Journal, Recorder, record

import airlock
from airlock import AllowTasks, BlockTasks, Intent

if TYPE_CHECKING:
    from collections.abc import Callable


class Named:
    """A queue's task object with a name of its own."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> None:
        """Stand for an effect."""


class Nameless:
    """A task whose instances have no name to tell them apart."""

    def __call__(self) -> None:
        """Stand for an effect."""


class Message:
    """A queue's message: it knows the bare name, its class the module."""

    name = "send"


Message.__module__, Message.__qualname__ = "shop.tasks", "send"


class Actor:
    """A queue's task object that calls its name something else."""

    actor_name = "shop.mail"

    def __init__(self, function: Callable[[object], None]) -> None:
        self.fn = function

    def __call__(self) -> None:
        """Stand for an effect."""


class ActorMessage:
    """Its message, which knows nothing of the function."""

    actor_name = "shop.mail"


def nested() -> Callable[[], None]:
    """Return one of many functions that share a name."""

    def send() -> None: ...

    return send


first_nested, second_nested = nested(), nested()
first_nameless, second_nameless = Nameless(), Nameless()


@pytest.mark.parametrize(
    ("entry", "task"),
    [
        ("recording:record", record),
        ("recording.record", record),
        ("record", record),
        (record, record),
        (record, functools.partial(record, 1)),
        (functools.partial(record, 1), record),
        ("shop.tasks:send", Named("shop.tasks.send")),
        ("shop.tasks.send", Named("shop.tasks.send")),
        ("send", Named("shop.tasks.send")),
        (Named("shop.tasks.send"), Named("shop.tasks.send")),
        (Named("zzz"), Named("zzz")),
        ("shop.tasks:send", Message()),
        ("send", Message()),
        (Named("shop.tasks.send"), Message()),
        (first_nested, first_nested),
        (first_nested, functools.partial(first_nested)),
        ("shop.mail", Actor(record)),
        ("recording:record", Actor(record)),
        (Actor(record), Actor(record)),
        ("shop.mail", ActorMessage()),
        ("mail", ActorMessage()),
        (Actor(record), ActorMessage()),
        ("Journal.allows", Journal.allows),
        ("allows", Journal("", []).allows),
        (Journal.allows, Journal("", []).allows),
        (first_nameless, first_nameless),
    ],
)
def test_a_task_is_recognised_however_it_is_given(entry: object, task: object) -> None:
    """A spelling that silently matches nothing would let the e-mail out."""
    intent = Intent(task)  # type: ignore[arg-type]

    assert BlockTasks([entry]).allows(intent) is False
    assert AllowTasks([entry]).allows(intent) is True


@pytest.mark.parametrize(
    ("entry", "task"),
    [
        ("recording:recor", record),
        ("other:record", record),
        ("mail.tasks:send", Message()),
        ("shop.tasks:send", Named("send")),
        ("shop.tasks:send", Named("mail.tasks.send")),
        (print, record),
        (first_nested, second_nested),
        (first_nameless, second_nameless),
        (Named("record"), record),
        (Actor(record), record),
        ("Recorder.allows", Journal.allows),
        (first_nested, record),
        ("", lambda: None),
    ],
)
def test_another_task_is_not_mistaken_for_it(entry: object, task: object) -> None:
    """Blocking one effect must not lose another."""
    intent = Intent(task)  # type: ignore[arg-type]
    entries = [entry] if entry else []

    assert BlockTasks(entries).allows(intent) is True
    assert AllowTasks(entries).allows(intent) is False


@pytest.mark.parametrize("policy", [BlockTasks, AllowTasks])
@pytest.mark.parametrize("tasks", ["send_email", None, 3, record])
def test_a_lone_task_is_not_a_collection(
    policy: type[BlockTasks | AllowTasks], tasks: object
) -> None:
    """A string is a collection of letters: it would block nothing at all."""
    with pytest.raises(
        airlock.ArgumentError, match=rf"{policy.__name__}\(\[\.\.\.\]\)"
    ):
        policy(tasks)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", [None, 3, ""])
def test_an_entry_must_be_a_name_or_a_task(entry: object) -> None:
    """None in the set is usually a failed import."""
    with pytest.raises(airlock.ArgumentError, match="task objects only"):
        BlockTasks([entry])


def test_blocked_tasks_can_raise_at_the_call_site(executor: Recorder) -> None:
    """Then the traceback shows who enqueued them."""
    blocking = BlockTasks({"record"}, raise_on_enqueue=True)
    with airlock.scope(blocking, executor=executor):
        with pytest.raises(airlock.BlockedTaskError, match="BlockTasks does not let"):
            airlock.enqueue(record)
        airlock.enqueue(print, 1)

    assert executor.names == ["print"]


def test_tasks_that_are_not_allowed_can_raise_at_the_call_site() -> None:
    """The list of what may leave is closed."""
    allowing = AllowTasks({"print"}, raise_on_enqueue=True)
    with (
        airlock.scope(allowing),
        pytest.raises(airlock.BlockedTaskError, match="AllowTasks does not let"),
    ):
        airlock.enqueue(record)


def test_blocking_is_silent_by_default(executor: Recorder) -> None:
    """Dropping is the goal, not an error."""
    with airlock.scope(BlockTasks({"record"}), executor=executor):
        airlock.enqueue(record)

    assert executor.intents == []


def test_a_function_that_was_given_a_name_is_no_longer_what_it_was() -> None:
    """What was found for it before must not be remembered then."""

    def send() -> None: ...

    policy = BlockTasks({"renamed"})
    intent = Intent(send)
    assert policy.allows(intent)

    send.name = "renamed"  # type: ignore[attr-defined]

    assert not policy.allows(intent)


def test_functions_of_one_name_in_two_modules_are_told_apart() -> None:
    """The module belongs to the name."""

    def send() -> None: ...

    def other() -> None: ...

    send.__module__, other.__module__ = "shop.mail", "shop.text"
    other.__qualname__ = send.__qualname__
    policy = AllowTasks({f"shop.mail:{send.__qualname__}"})

    assert [policy.allows(Intent(task)) for task in (send, other, send, other)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_subclass_may_observe_what_it_does_not_refuse(executor: Recorder) -> None:
    """Its hook is called, though that of `BlockTasks` itself would do nothing."""
    seen: list[Intent] = []

    class Observing(BlockTasks):
        def on_enqueue(self, intent: Intent) -> None:
            super().on_enqueue(intent)
            seen.append(intent)

    with airlock.scope(Observing({"elsewhere"}), executor=executor):
        airlock.enqueue(record, 1)

    assert [intent.args for intent in seen] == [(1,)]


@pytest.mark.parametrize("is_strict", [True, False])
def test_a_copy_refuses_what_the_original_refuses(is_strict: bool) -> None:  # noqa: FBT001 - both cases
    """Policies are sent to other processes, within what is to be run there."""
    policy = BlockTasks({"record"}, raise_on_enqueue=is_strict)
    policy.allows(Intent(record))

    copied = pickle.loads(pickle.dumps(policy))

    assert not copied.allows(Intent(record))
    refusal = pytest.raises(airlock.BlockedTaskError) if is_strict else nullcontext()
    with refusal:
        copied.on_enqueue(Intent(record))
