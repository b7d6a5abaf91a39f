"""When policies are asked, in which order, and what they may not do."""

from __future__ import annotations

import contextvars
import functools
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from recording import Journal, Recorder, ran, record

import airlock
from airlock import Intent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_a_closed_scope_is_told_before_policies_are_asked() -> None:
    """They would observe an effect that nothing accepts."""
    notes: list[str] = []
    with airlock.scope(Journal("scope", notes)):
        inherited = contextvars.copy_context()

    with pytest.raises(airlock.ScopeClosedError):
        inherited.run(airlock.enqueue, record)

    assert notes == []


def test_hooks_run_innermost_first_and_the_scope_last(executor: Recorder) -> None:
    """Both hooks follow one order."""
    notes: list[str] = []

    with (
        airlock.scope(Journal("scope", notes), executor=executor),
        airlock.policy(Journal("outer", notes)),
        airlock.policy(Journal("inner", notes)),
    ):
        airlock.enqueue(record, 1)

    assert notes == [
        "inner.on_enqueue",
        "outer.on_enqueue",
        "scope.on_enqueue",
        "inner.allows",
        "outer.allows",
        "scope.allows",
    ]


def test_the_first_refusal_is_the_last_question() -> None:
    """A log further out would claim that a dropped effect left."""
    notes: list[str] = []

    with (
        airlock.scope(Journal("scope", notes)),
        airlock.policy(Journal("outer", notes)),
        airlock.policy(Journal("inner", notes, allow=False)),
    ):
        airlock.enqueue(record, 1)

    assert [note for note in notes if note.endswith("allows")] == ["inner.allows"]


def test_a_hook_that_raises_keeps_the_intent_out(executor: Recorder) -> None:
    """A refused effect is nowhere, not even in the audit log."""
    with airlock.scope(executor=executor) as s:
        with (
            airlock.policy(airlock.AssertNoEffects()),
            pytest.raises(airlock.PolicyViolation),
        ):
            airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert [intent.args for intent in s.intents] == [(2,)]
    assert executor.values == [2]


class Meddler(airlock.Policy):
    """Does in one of its hooks what policies may not do."""

    def __init__(self, hook: str, attempt: str) -> None:
        self._hook = hook
        self._attempt = attempt

    def on_enqueue(self, intent: Intent) -> None:
        """Misbehave, if this is the hook."""
        del intent
        self._act("on_enqueue")

    def allows(self, intent: Intent) -> bool:
        """Misbehave, if this is the hook."""
        del intent
        self._act("allows")
        return True

    def _act(self, hook: str) -> None:
        if hook != self._hook:
            return
        if self._attempt == "enqueue":
            airlock.enqueue(record)
        elif self._attempt == "region":
            with airlock.policy(airlock.AllowAll()):
                airlock.enqueue(record)
        else:
            with airlock.scope():
                airlock.enqueue(record)


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("attempt", ["enqueue", "scope", "region"])
@pytest.mark.parametrize("hook", ["on_enqueue", "allows"])
@pytest.mark.parametrize("place", ["scope", "local"])
def test_a_policy_can_neither_enqueue_nor_open_a_scope(
    place: str, hook: str, attempt: str, *, nested: bool
) -> None:
    """Policies judge; effects made by judging would never end.

    Where no scope surrounds the flush, that must not be the complaint.
    """
    meddler = Meddler(hook, attempt)
    policies = (meddler, airlock.AllowAll())
    scope_policy, local = policies if place == "scope" else policies[::-1]

    with (
        pytest.raises(airlock.PolicyEnqueueError, match="inside a policy"),
        airlock.scope() if nested else nullcontext(),
        airlock.scope(scope_policy),
        airlock.policy(local),
    ):
        airlock.enqueue(print)

    assert ran == []


def test_asking_an_intent_early_is_guarded_too() -> None:
    """`passes_local_policies()` calls the same hooks under the same rule."""
    with airlock.scope(airlock.DropAll()) as s:
        with airlock.policy(Meddler("allows", "enqueue")):
            airlock.enqueue(print)

        with pytest.raises(airlock.PolicyEnqueueError):
            s.intents[0].passes_local_policies()
        s.exit()
        s.discard()


def test_a_policy_may_ask_for_the_current_scope() -> None:
    """Looking is not enqueueing."""
    seen: list[object] = []

    class Curious(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> None:
            del intent
            seen.append(airlock.get_current_scope())

    with airlock.scope(Curious()) as s:
        airlock.enqueue(record)

    assert seen == [s]


def unnoticed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate as people do: what is returned is no longer seen to be async."""

    @functools.wraps(function)
    def wrapper(*args: object) -> Any:
        return function(*args)

    return wrapper


class Asynchronous(airlock.Policy):
    """Refuses everything, when it is awaited."""

    @unnoticed
    async def allows(self, intent: Intent) -> bool:
        """Refuse."""
        del intent
        return False


@pytest.mark.parametrize(
    "policy", [Asynchronous(), airlock.CompositePolicy(Asynchronous())]
)
def test_an_answer_that_would_have_to_be_awaited_is_an_error(
    policy: airlock.Policy, executor: Recorder
) -> None:
    """It counts as True, and everything would leave."""
    with (
        pytest.raises(airlock.ArgumentError, match=r"Asynchronous\.allows"),
        airlock.scope(policy, executor=executor),
    ):
        airlock.enqueue(record)
    with (
        pytest.raises(airlock.ArgumentError, match="from a plain `def`"),
        airlock.scope(executor=executor),
        airlock.policy(policy),
    ):
        airlock.enqueue(record)

    assert executor.intents == []


def test_an_answer_may_be_anything_that_counts_as_true(executor: Recorder) -> None:
    """A match object, or a number, is what people return."""

    class Truthy(airlock.Policy):
        def allows(self, intent: Intent) -> Any:
            return intent.args

    with airlock.scope(Truthy(), executor=executor):
        airlock.enqueue(record, 1)
        airlock.enqueue(record)

    assert executor.values == [1]


def test_an_awaitable_that_cannot_be_closed_is_refused_too() -> None:
    """A future of another loop is one."""

    class Future:
        def __await__(self) -> Any:
            return iter(())

    class Policy(airlock.Policy):
        def allows(self, intent: Intent) -> Any:
            del intent
            return Future()

    with pytest.raises(airlock.ArgumentError, match="an awaitable"):
        Intent(record, local_policies=(Policy(),)).passes_local_policies()


def test_a_policy_cannot_enqueue_through_a_carried_function() -> None:
    """It was carried from a place where enqueueing was allowed."""
    carried: list[Any] = []

    class Enqueueing(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> None:
            carried[0](record, intent)

    with airlock.scope(Enqueueing()) as s:
        carried.append(airlock.carry(airlock.enqueue))
        with pytest.raises(airlock.PolicyEnqueueError):
            airlock.enqueue(record, 1)

    assert s.intents == []


@pytest.mark.parametrize("hook", ["on_enqueue", "allows"])
def test_a_policy_cannot_open_a_scope_even_to_enqueue_nothing(hook: str) -> None:
    """The refusal of its enqueues alone would let an empty scope pass."""

    def open_a_scope(intent: Intent) -> bool:
        with airlock.scope():
            return bool(intent)

    judge = airlock.AllowAll()
    setattr(judge, hook, open_a_scope)

    with pytest.raises(airlock.PolicyEnqueueError, match="enter"), airlock.scope(judge):
        airlock.enqueue(record, 1)


def test_a_policy_does_not_resume_a_generator_of_another_scope() -> None:
    """Its body enqueues, and would do so in the middle of a judgement."""

    @airlock.scoped(executor=Recorder())
    def numbers() -> Iterator[int]:
        for number in range(3):
            airlock.enqueue(record, number)
            yield number

    class Stepping(airlock.Policy):
        def allows(self, intent: Intent) -> bool:
            del intent
            return next(running) > 0

    running = numbers()
    assert next(running) == 0

    with (
        pytest.raises(airlock.PolicyEnqueueError, match="generator of another scope"),
        airlock.scope(Stepping()),
    ):
        airlock.enqueue(record)
