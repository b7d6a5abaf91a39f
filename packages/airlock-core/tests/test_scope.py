"""The life cycle of a scope, through all three layers of its API."""

from __future__ import annotations

import contextvars
import copy
import pickle
import warnings
from typing import TYPE_CHECKING

import pytest
from recording import Recorder, ran, record

import airlock
from airlock import Intent, Scope
from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from collections.abc import Callable


def test_effects_leave_when_the_scope_ends(executor: Recorder) -> None:
    """The whole point: nothing leaves earlier, everything leaves then."""
    with airlock.scope(executor=executor):
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)
        assert executor.intents == []

    assert executor.values == [1, 2]


def test_effects_are_dropped_when_the_block_raises(executor: Recorder) -> None:
    """A failed operation must not mail anyone."""
    with pytest.raises(ValueError, match="boom"), airlock.scope(executor=executor) as s:
        airlock.enqueue(record, 1)
        raise ValueError("boom")

    assert executor.intents == []
    assert s.is_discarded


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_any_base_exception_settles_the_scope(
    error: type[BaseException], executor: Recorder
) -> None:
    """A scope in limbo would lose its effects without saying so."""
    with pytest.raises(error), airlock.scope(executor=executor) as s:
        airlock.enqueue(record, 1)
        raise error

    assert s.is_discarded
    assert executor.intents == []


def test_the_default_executor_runs_tasks_in_place() -> None:
    """Without a queue, an effect is a plain call at the end of the scope."""
    with airlock.scope():
        airlock.enqueue(record, 1, key="word")
        assert ran == []

    assert ran == [(1, {"key": "word"})]


def test_a_scope_tells_its_executor(executor: Recorder) -> None:
    """An integration with a queue of its own asks whether one was chosen."""
    assert Scope(executor=executor).executor is executor
    assert Scope().executor is sync_executor


def test_nested_scopes_have_buffers_of_their_own(executor: Recorder) -> None:
    """The inner scope flushes at its own exit, before the outer one."""
    with airlock.scope(executor=executor):
        airlock.enqueue(record, "outer")
        with airlock.scope(executor=executor):
            airlock.enqueue(record, "inner")
        airlock.enqueue(record, "outer again")

    assert executor.values == ["inner", "outer", "outer again"]


def test_an_inner_failure_leaves_the_outer_scope_alone(executor: Recorder) -> None:
    """A caught failure drops its own effects and no others."""
    with airlock.scope(executor=executor):
        airlock.enqueue(record, "outer")
        with pytest.raises(ValueError, match="boom"), airlock.scope(executor=executor):
            airlock.enqueue(record, "inner")
            raise ValueError("boom")

    assert executor.values == ["outer"]


def test_intents_are_a_copy(executor: Recorder) -> None:
    """Looking at the buffer cannot change what leaves."""
    with airlock.scope(executor=executor) as s:
        airlock.enqueue(record, 1)
        s.intents.clear()

    assert executor.values == [1]
    assert len(s.intents) == 1


def test_a_scope_is_entered_once() -> None:
    """Entering again would mix the effects of two operations."""
    s = airlock.scope()
    with s, pytest.raises(airlock.ScopeStateError, match="still active"):
        s.enter()

    with pytest.raises(airlock.ScopeStateError, match="open another"):
        s.enter()


def test_exit_needs_an_active_scope() -> None:
    """Exiting twice is a bug in the caller's bookkeeping."""
    with pytest.raises(airlock.ScopeStateError, match="never entered"):
        Scope().exit()

    s = Scope().enter()
    s.exit()
    with pytest.raises(airlock.ScopeStateError, match=r"then call `flush\(\)`"):
        s.exit()
    s.discard()


@pytest.mark.parametrize("verb", ["flush", "discard"])
def test_an_active_scope_cannot_end(verb: str) -> None:
    """Effects enqueued after the end would have nowhere to go."""
    s = Scope().enter()

    with pytest.raises(airlock.ScopeStateError, match=r"Call `exit\(\)` first"):
        getattr(s, verb)()

    s.exit()
    s.discard()


@pytest.mark.parametrize("first", ["flush", "discard"])
@pytest.mark.parametrize("second", ["flush", "discard"])
def test_a_scope_ends_only_once(first: str, second: str) -> None:
    """A second flush would double every effect."""
    s = Scope()
    s.enter().exit()
    getattr(s, first)()

    with pytest.raises(airlock.ScopeStateError, match=f"already {first}"):
        getattr(s, second)()


def test_the_body_may_end_the_scope_itself(executor: Recorder) -> None:
    """Leaving the block then neither flushes again nor complains."""
    with airlock.scope(executor=executor) as s:
        airlock.enqueue(record, 1)
        s.exit()
        s.flush()

    assert executor.values == [1]


def test_the_body_may_exit_and_leave_the_end_to_the_block(executor: Recorder) -> None:
    """An exited scope is settled by the end of the block all the same."""
    with airlock.scope(executor=executor) as s:
        airlock.enqueue(record, 1)
        s.exit()

    assert executor.values == [1]


def test_a_scope_may_be_filled_before_it_is_entered(executor: Recorder) -> None:
    """Integrations hand over effects that they collected elsewhere."""
    s = Scope(executor=executor)
    s._add(Intent(record, (1,), executor=executor))

    s.flush()

    assert executor.values == [1]


@pytest.mark.parametrize("method", ["should_flush", "_add", "_dispatch_all"])
def test_a_subclass_cannot_decide_in_a_coroutine(method: str) -> None:
    """Nobody would await it, and a coroutine counts as True."""

    async def decide(self: Scope, argument: object) -> None: ...

    with pytest.raises(airlock.ArgumentError, match=rf"{method}\(\) got `async def`"):
        type("Undecided", (Scope,), {method: decide})


def test_an_abandoned_scope_with_effects_warns() -> None:
    """Forgetting flush() loses effects; Python's resource warnings say so."""
    s = Scope().enter()
    airlock.enqueue(record)
    s.exit()

    with pytest.warns(ResourceWarning, match="abandoned") as warned:
        del s

    # Where the last reference went.
    assert warned[0].filename == __file__


def test_a_scope_abandoned_while_active_warns() -> None:
    """A generator that is never resumed does this."""
    context = contextvars.copy_context()
    context.run(Scope().enter)
    context.run(airlock.enqueue, record)

    with pytest.warns(ResourceWarning, match="1 intents, active> was abandoned"):
        del context


def test_an_abandoned_scope_without_effects_is_silent() -> None:
    """There is nothing to lose in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Scope().__del__()


def test_the_repr_tells_state_and_size() -> None:
    """It appears in logs and in the warning about abandoned scopes."""
    with airlock.scope() as s:
        airlock.enqueue(record)

        assert repr(s) == "<Scope with 1 intents, active>"


@pytest.mark.parametrize("double", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_scope_has_no_copy(
    executor: Recorder, double: Callable[[Scope], object]
) -> None:
    """Both would hold the same effects, and both would dispatch them."""
    with airlock.scope(executor=executor) as s:
        airlock.enqueue(record, 1)
        with pytest.raises(
            airlock.ArgumentError, match="<Scope with 1 intents, active>"
        ):
            double(s)

    assert executor.values == [1]
