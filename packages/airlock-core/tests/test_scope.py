"""The life cycle of a scope, through all three layers of its API."""

from __future__ import annotations

import threading
import warnings

import pytest
from recording import Recorder, ran, record

import airlock
from airlock import Intent, Scope


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


def test_a_closed_scope_accepts_nothing() -> None:
    """An effect added after the end would be lost silently."""
    with airlock.scope() as s:
        pass

    with pytest.raises(airlock.ScopeClosedError, match="already closed"):
        s._add(Intent(record))


def test_a_thread_that_outlives_its_scope_gets_an_error() -> None:
    """Its effect would never leave; NoScopeError handlers see it too."""
    import contextvars

    with airlock.scope():
        inherited = contextvars.copy_context()

    with pytest.raises(airlock.ScopeClosedError):
        inherited.run(airlock.enqueue, record)
    assert inherited.run(airlock.get_current_scope) is None


def test_a_closed_scope_is_never_a_parent(executor: Recorder) -> None:
    """A scope opened late settles and leaves the closed one closed."""
    import contextvars

    with airlock.scope():
        inherited = contextvars.copy_context()

    def later() -> object:
        with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)
        return airlock.get_current_scope()

    assert inherited.run(later) is None
    assert executor.values == [1]


def test_exits_out_of_order_warn_and_settle(executor: Recorder) -> None:
    """Interleaved generators do this; each scope keeps its own effects."""
    outer = Scope(executor=executor).enter()
    airlock.enqueue(record, "outer")
    inner = Scope(executor=executor).enter()
    with pytest.warns(RuntimeWarning, match="reverse order"):
        outer.exit()
    airlock.enqueue(record, "inner")
    inner.exit()

    assert airlock.get_current_scope() is None
    outer.flush()
    inner.flush()
    assert executor.values == ["outer", "inner"]


def test_a_scope_may_exit_in_another_thread(executor: Recorder) -> None:
    """Frameworks finish requests elsewhere than where they began them."""
    s = Scope(executor=executor).enter()
    airlock.enqueue(record, 1)

    def finish() -> None:
        s.exit()
        s.flush()

    thread = threading.Thread(target=finish)
    thread.start()
    thread.join()

    assert executor.values == [1]
    assert airlock.get_current_scope() is None


def test_another_thread_has_no_scope() -> None:
    """Effects of one request never land in the buffer of another."""
    seen: list[object] = []

    with airlock.scope():
        thread = threading.Thread(
            target=lambda: seen.append(airlock.get_current_scope())
        )
        thread.start()
        thread.join()

    assert seen == [None]


def test_an_abandoned_scope_with_effects_warns() -> None:
    """Forgetting flush() loses effects; Python's resource warnings say so."""
    s = Scope().enter()
    airlock.enqueue(record)
    s.exit()

    with pytest.warns(ResourceWarning, match="abandoned"):
        del s


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


def test_a_chain_of_scopes_keeps_no_closed_ancestor_alive() -> None:
    """Tasks that each start the next one would otherwise leak every scope."""
    import contextvars
    import gc
    import weakref

    first = Scope().enter()
    watched = weakref.ref(first)
    inside = contextvars.copy_context()
    second = inside.run(Scope().enter)
    first.exit()
    first.discard()
    del first
    inside.run(second.exit)
    second.discard()
    del inside
    gc.collect()

    assert watched() is None
