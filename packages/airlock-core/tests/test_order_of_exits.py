"""Which scope is current, however and wherever scopes exit."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import warnings
from typing import Self

import pytest
from recording import Recorder, record

import airlock
from airlock import Intent, Scope


def test_a_closed_scope_accepts_nothing() -> None:
    """An effect added after the end would be lost silently."""
    with airlock.scope() as s:
        pass

    with pytest.raises(airlock.ScopeClosedError, match="already closed"):
        s._add(Intent(record))


def test_a_context_that_outlives_its_scope_gets_an_error() -> None:
    """Its effect would never leave; NoScopeError handlers see it too."""
    with airlock.scope():
        inherited = contextvars.copy_context()

    with pytest.raises(airlock.ScopeClosedError):
        inherited.run(airlock.enqueue, record)
    assert inherited.run(airlock.get_current_scope) is None


def test_a_closed_scope_is_never_a_parent(executor: Recorder) -> None:
    """A scope opened late settles and leaves the closed one closed."""
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


def test_the_warning_about_order_points_at_the_exit() -> None:
    """It is the caller's line that is to be mended, by call and by block."""
    outer, inner = Scope().enter(), Scope().enter()
    with pytest.warns(RuntimeWarning) as by_call:
        outer.exit()
    inner.exit()
    with pytest.warns(RuntimeWarning) as by_block, airlock.scope():
        inner = Scope().enter()
    inner.exit()

    assert [w.filename for w in (*by_call, *by_block)] == [__file__, __file__]


def test_an_async_block_warns_about_the_order_too(executor: Recorder) -> None:
    """At its own line, once its effects have left."""

    async def block() -> Scope:
        async with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)
            return Scope().enter()

    with pytest.warns(RuntimeWarning, match="reverse order") as warned:
        inner = asyncio.run(block())
    inner.exit()

    assert [w.filename for w in warned] == [__file__]
    assert executor.values == [1]


def test_a_warning_that_is_an_error_leaves_no_scope_open(executor: Recorder) -> None:
    """Strict projects turn warnings into errors; effects must settle first."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(RuntimeWarning), airlock.scope(executor=executor) as s:
            airlock.enqueue(record, 1)
            inner = Scope().enter()
    inner.exit()

    assert s.is_flushed
    assert executor.values == [1]


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


def test_a_chain_of_scopes_keeps_no_closed_ancestor_alive() -> None:
    """Tasks that each start the next one would otherwise leak every scope."""
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


class Equal(Scope):
    """One that compares as a dataclass does, by its fields."""

    def __eq__(self, other: object) -> bool:
        """Compare."""
        return isinstance(other, Equal)

    __hash__ = Scope.__hash__


def test_scopes_that_compare_equal_are_still_two() -> None:
    """A dataclass compares by its fields."""
    outer, elsewhere = Equal().enter(), Equal()
    contextvars.Context().run(elsewhere.enter)

    # No warning of an order: it was never inside this one.
    elsewhere.exit()

    assert airlock.get_current_scope() is outer
    outer.exit()


def test_the_order_is_right_where_the_inner_scope_ended_elsewhere() -> None:
    """A callback that runs in a copied context sees its scopes end one by one."""
    outer = Equal().enter()
    inner = Equal().enter()
    copied = contextvars.copy_context()
    inner.exit()

    # No warning: the inner scope, still current here, is closed.
    copied.run(outer.exit)

    assert copied.run(airlock.get_current_scope) is None


def closed_from_elsewhere() -> contextvars.Context:
    """Return a context whose current scope was closed, inside one that is open."""
    Scope().enter()
    inner = Scope().enter()
    copied = contextvars.copy_context()
    inner.exit()
    return copied


def test_a_place_that_was_closed_stays_closed_after_another_scope() -> None:
    """Its effects must not slip into a boundary further out."""
    copied = contextvars.Context().run(closed_from_elsewhere)

    def later() -> None:
        with airlock.scope():
            pass
        airlock.enqueue(record)

    with pytest.raises(airlock.ScopeClosedError):
        copied.run(later)


def test_a_closed_place_stays_closed_after_exits_out_of_order() -> None:
    """The scope that found it closed may be gone before the one inside it."""
    copied = contextvars.Context().run(closed_from_elsewhere)

    def later() -> None:
        first, second = Scope().enter(), Scope().enter()
        with pytest.warns(RuntimeWarning, match="reverse order"):
            first.exit()
        second.exit()
        airlock.enqueue(record)

    with pytest.raises(airlock.ScopeClosedError):
        copied.run(later)


def test_an_open_place_is_current_again_after_exits_out_of_order() -> None:
    """Nothing was closed there: the enqueue belongs to the scope around."""
    with airlock.scope("drop_all") as s:
        first, second = Scope().enter(), Scope().enter()
        with pytest.warns(RuntimeWarning, match="reverse order"):
            first.exit()
        second.exit()
        airlock.enqueue(record)

    assert len(s.intents) == 1


def test_an_inner_scope_that_compares_equal_is_still_inside() -> None:
    """It stays current where the outer one exits first."""
    outer, inner = Equal().enter(), Equal().enter()

    with pytest.warns(RuntimeWarning, match="still active"):
        outer.exit()

    assert airlock.get_current_scope() is inner
    inner.exit()


def test_a_place_stays_closed_among_scopes_that_compare_equal() -> None:
    """The scope that is current there is another than the one further out."""
    outermost, closed_elsewhere = Equal().enter(), Equal().enter()
    contextvars.copy_context().run(closed_elsewhere.exit)
    Equal().enter().exit()

    assert airlock.get_current_scope() is None
    outermost.exit()


def test_a_closed_scope_that_compares_equal_is_not_still_inside() -> None:
    """Only one that is active is worth a warning."""
    outermost, middle, innermost = Equal().enter(), Equal().enter(), Equal().enter()
    contextvars.copy_context().run(innermost.exit)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outermost.exit()

    assert airlock.get_current_scope() is None
    middle.exit()


def test_a_scope_that_could_not_be_entered_is_not_ended() -> None:
    """Though the current one compares equal to it."""

    class Refusing(Equal):
        is_ready = False

        def enter(self) -> Self:
            if not self.is_ready:
                raise LookupError("not ready")
            return super().enter()

    refusing = Refusing()
    with Equal():
        with pytest.raises(LookupError), refusing:
            pass
        refusing.is_ready = True
        with refusing:
            airlock.enqueue(record, 1)

    assert refusing.is_flushed
