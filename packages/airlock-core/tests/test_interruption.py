"""Exceptions that arrive between two steps of airlock: time limits, Ctrl-C.

A signal handler may raise wherever the interpreter happens to be. The process lives
on, as a worker does after a soft time limit, and its next work must be sound.
"""

from __future__ import annotations

import sys
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pytest
from interrupting import Interrupted, TimeLimit
from recording import Recorder, record
from witness import complete

import airlock
import airlock._buffer
import airlock._region
from airlock import Outcome, Scope
from airlock._context import current_region, current_scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType


def test_an_interrupted_policy_leaves_nothing_behind(
    executor: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or every later effect of this thread would be refused as a policy's own."""
    region = Interrupted(current_region)
    with airlock.scope(airlock.MaxEffects(2), executor=executor):
        monkeypatch.setattr(airlock._region, "current_region", region)
        with pytest.raises(TimeLimit):
            airlock.enqueue(record, 1)

        airlock.enqueue(record, 2)

    assert executor.values == [2]


class Interrupt:
    """Raises before the n-th line that airlock runs, as a signal handler may."""

    def __init__(self, n: int) -> None:
        self._left = n
        self.is_raised = False

    def __call__(self, frame: FrameType, event: str, arg: object) -> Any:
        del arg
        code = frame.f_code
        is_ours = "/airlock/_" in code.co_filename.replace("\\", "/")
        # No code can mend what comes before the first line of an exit: a known limit.
        is_first = code.co_name in {"__exit__", "__aexit__"} and (
            frame.f_lineno <= line_of_try(code)
        )
        if event == "line" and is_ours and not is_first and not self.is_raised:
            self._left -= 1
            if self._left == 0:
                self.is_raised = True
                raise TimeLimit
        return self if is_ours or event == "call" else None


def line_of_try(code: CodeType) -> int:
    """Return the line of the `try`, the third of the function."""
    return sorted({line for *_, line in code.co_lines() if line})[2]


def interrupted(n: int, act: Callable[[], object]) -> bool:
    """Do something, interrupt it at the n-th line; tell whether it came that far."""
    interrupt = Interrupt(n)
    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        act()
    except TimeLimit:
        pass
    finally:
        sys.settrace(before)
    return interrupt.is_raised


def leave(scope: Scope) -> None:
    """End a `with` block."""
    scope.__exit__(None, None, None)


def leave_async(scope: Scope) -> None:
    """End an `async with` block."""
    complete(scope.__aexit__(None, None, None))


@pytest.mark.parametrize("act", [leave, leave_async])
def test_an_interrupted_exit_settles_the_scope(act: Callable[[Scope], None]) -> None:
    """A scope in limbo would take the effects of later work, and lose them."""
    n = 0
    is_interrupted = True
    while is_interrupted:
        n += 1
        is_interrupted = copy_context().run(interrupt_an_exit, n, act)
    assert n > 30


def interrupt_an_exit(n: int, act: Callable[[Scope], None]) -> bool:
    """Interrupt one exit, and look at what it left."""
    executor = Recorder()
    outer = Scope(executor=executor).enter()
    inner = Scope(airlock.BlockTasks([print]), executor=executor).enter()
    airlock.enqueue(record, 1)
    airlock.enqueue(print, 2)
    airlock.enqueue(record, 3)

    is_interrupted = interrupted(n, lambda: act(inner))

    assert inner.is_flushed or inner.is_discarded
    assert airlock.get_current_scope() is outer
    report = inner.report()
    assert not report.of(Outcome.BUFFERED)
    assert set(executor.intents) >= set(inner.dispatched)
    outer.exit()
    outer.discard()
    return is_interrupted


def test_an_interrupted_exit_goes_on_with_the_next_scope(executor: Recorder) -> None:
    """As a worker does after a soft time limit."""
    scope = Scope(executor=executor).enter()
    airlock.enqueue(record, "late")
    interrupted(8, lambda: leave(scope))

    with airlock.scope(executor=executor):
        airlock.enqueue(record, "next")

    assert executor.values[-1] == "next"
    assert airlock.get_current_scope() is None


def test_an_exit_interrupted_half_way_brings_back_what_is_around(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The scope has exited, and must not stay current."""
    outer, inner = Scope().enter(), Scope().enter()
    monkeypatch.setattr(airlock._buffer, "current_scope", Interrupted(current_scope))

    with pytest.raises(TimeLimit):
        inner.exit()

    assert airlock.get_current_scope() is outer
    outer.exit()


def test_a_block_interrupted_before_its_exit_has_begun_discards() -> None:
    """It is still active then."""

    class Slow(Scope):
        def _close(self) -> bool:
            raise TimeLimit

    with pytest.raises(TimeLimit), airlock.scope(_cls=Slow) as s:
        airlock.enqueue(record)

    assert s.is_discarded
    assert airlock.get_current_scope() is None
