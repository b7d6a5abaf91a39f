"""The state machine that does to airlock what threads, tasks and callers do.

Every step is done in airlock and in the model: both must answer, raise, warn and ask
alike.
"""

from __future__ import annotations

import contextvars
import os
import warnings

from bench import Bench
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from model import ModelScope, Place, key
from recording import record
from witness import Judge, Witness, complete, open_scope, outcome

import airlock

__all__ = ["Machine"]

MOST_SCOPES = 12
MOST_PLACES = 4

# What leads deep comes oftener than what ends a history early.
choices = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 4])
rarely = st.sampled_from([False] * 5 + [True])
kinds = st.sampled_from(
    ["plain", "capturing", "letting", "coalescing", "coalescing last"]
)
verdicts = st.sampled_from(["all", "all", "all", "odd", "drop", "refuse"])
fuses = st.sampled_from([None, None, 0, 1, 2])


class Machine(Bench):
    """The steps, in any order."""

    @initialize(chosen=st.lists(kinds, min_size=1, max_size=3))
    def open_some(self, chosen: list[str]) -> None:
        """Begin with scopes inside one another."""
        for kind in chosen:
            self.open(0, kind, "all", is_new=False)
            self.enqueue(0, [0, 1, 2])

    @precondition(lambda self: len(self.scopes) < MOST_SCOPES)
    @rule(at=choices, kind=kinds, verdict=verdicts, is_new=rarely)
    def open(self, at: int, kind: str, verdict: str, *, is_new: bool) -> None:
        """Make a scope, and mostly enter it."""
        name = f"s{len(self.scopes)}"
        model = ModelScope(name, kind, f"{verdict}-{name}")
        real = open_scope(self.observer, name, kind, model.policy)
        self.scopes.append((real, model))
        if not is_new:
            at = self.sooner(at, self._is_open)
            self.compare(at, real.enter, lambda here: self.model.enter(here, model))

    @precondition(lambda self: any(m.state == "new" for _, m in self.scopes))
    @rule(at=choices, which=choices, threaded=rarely)
    def enter_late(self, at: int, which: int, *, threaded: bool) -> None:
        """Enter a scope that was made before, and perhaps entered."""
        real, model = self.pick(which, "new")

        def expect(here: Place) -> None:
            self.model.enter(here, model)

        self.compare(at, real.enter, expect, threaded=threaded)

    @rule(at=choices, kinds=st.lists(st.integers(0, 2), min_size=1, max_size=4))
    def enqueue(self, at: int, kinds: list[int]) -> None:
        """Enqueue some effects, sooner where a scope is current."""
        for kind in kinds:
            self._enqueue(self.sooner(at, self._is_open), kind)

    def _is_open(self, place: Place) -> bool:
        return place.current() is not None

    def _enqueue(self, at: int, kind: int, race: str | None = None) -> None:
        self.numbers += 1
        number = self.numbers
        is_accepted = self.compare(
            at,
            lambda: airlock.enqueue(record, key(kind), _origin=f"{number}:{kind}"),
            lambda here: self.model.enqueue(here, number, kind, race),
            threaded=number % 8 == 0,
        )
        self.accepted += [number] * is_accepted

    @rule(at=choices, race=st.sampled_from(["exit", "flush", "discard"]))
    def enqueue_too_late(self, at: int, race: str) -> None:
        """Enqueue while the scope ends in another thread."""
        scope = self.places[at % len(self.places)][1].current()

        def end(_: Judge) -> None:
            [real] = [real for real, model in self.scopes if model is scope]
            real.exit()
            if race == "flush":
                real.flush()
            if race == "discard":
                real.discard()

        if scope:
            self.observer.plan(scope.policy, end)
        self._enqueue(at, 0, race)

    @precondition(lambda self: self.scopes)
    @rule(at=choices, which=choices, threaded=rarely)
    def exit(self, at: int, which: int, *, threaded: bool) -> None:
        """Exit a scope here, wherever it was entered."""
        real, model = self.pick(which, "active")

        def expect(here: Place) -> None:
            if self.model.exit(here, model):
                self.model.events.append(("warned",))

        at = self.sooner(at, lambda place: place.scope is model)
        self.compare(at, real.exit, expect, threaded=threaded)

    @precondition(lambda self: self.scopes)
    @rule(
        at=choices,
        which=choices,
        fuse=fuses,
        closing=rarely,
        is_async=st.booleans(),
    )
    def flush(
        self, at: int, which: int, fuse: int | None, *, closing: bool, is_async: bool
    ) -> None:
        """Flush, sometimes while the scope around it closes in another thread."""
        if not any(m.state == "exited" for _, m in self.scopes):
            self.exit(at, which, threaded=False)
        real, model = self.pick(which, "exited")
        self.burn(fuse, is_async=is_async)
        if closing:
            self.observer.plan("offered", Witness.exit)
        self.compare(
            at,
            lambda: complete(real.aflush()) if is_async else real.flush(),
            lambda _: self.model.flush(model, closing=closing),
            threaded=at > 2,
        )

    @precondition(lambda self: self.scopes)
    @rule(at=choices, which=choices, threaded=rarely)
    def discard(self, at: int, which: int, *, threaded: bool) -> None:
        """Drop what a scope holds."""
        real, model = self.pick(which, "exited")

        def expect(_: Place) -> object:
            return self.model.discard(model)

        self.compare(at, real.discard, expect, threaded=threaded)

    @precondition(lambda self: self.scopes)
    @rule(
        at=choices,
        which=choices,
        fuse=fuses,
        failing=rarely,
        is_async=st.booleans(),
    )
    def leave(
        self, at: int, which: int, fuse: int | None, *, failing: bool, is_async: bool
    ) -> None:
        """End a `with` or `async with` block, normally or by an error."""
        real, model = self.pick(which, "active")
        error = ValueError("boom") if failing else None
        reason = type(error) if error else None, error, None
        self.burn(fuse, is_async=is_async)

        def act() -> object:
            if is_async:
                return complete(real.__aexit__(*reason))
            return real.__exit__(*reason)  # type: ignore[func-returns-value]

        self.compare(
            self.sooner(at, lambda place: place.scope is model),
            act,
            lambda here: self.model.leave(here, model, failing=failing),
            threaded=at > 2,
        )

    @rule(at=choices, verdict=verdicts, again=rarely)
    def enter_region(self, at: int, verdict: str, *, again: bool) -> None:
        """Enter a `policy()` region, sometimes one that was entered before."""
        if not (again and self.regions):
            name = f"{verdict}-r{len(self.regions)}"
            self.regions.append((airlock.policy(Judge(self.observer, name)), name))
        region, name = self.regions[-1 - at % len(self.regions)]
        at = self.sooner(at, self._is_open)
        self.compare(
            at, region.__enter__, lambda here: self.model.enter_region(here, name)
        )

    @precondition(lambda self: self.regions)
    @rule(at=choices, which=choices, threaded=rarely)
    def leave_region(self, at: int, which: int, *, threaded: bool) -> None:
        """Leave a region here, wherever it was entered, in any order."""
        region, name = self.regions[-1 - which % len(self.regions)]

        def act() -> None:
            region.__exit__(None, None, None)

        def expect(here: Place) -> None:
            self.model.leave_region(here, name)

        self.compare(at, act, expect, threaded=threaded)

    @rule(at=choices, is_thread=st.booleans())
    def start(self, at: int, *, is_thread: bool) -> None:
        """Start a thread, where nothing is current, or a task, which inherits."""
        context, place = self.places[at % len(self.places)]
        started = (context.copy(), Place(place.scope, place.entries))
        if is_thread:
            started = (contextvars.Context(), Place())
        self.places = [*self.places[-MOST_PLACES + 1 :], started]

    @precondition(lambda self: not self.has_forked and hasattr(os, "fork"))
    @rule()
    def fork(self) -> None:
        """Try in a child process to let out what it inherited."""
        self.has_forked = True
        with warnings.catch_warnings():
            # Newer Pythons warn of any thread in the process, whoever started it.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            os._exit(self._escaped())
        assert os.waitpid(child, 0)[1] == 0

    def _escaped(self) -> int:
        try:
            currents = [c.run(airlock.get_current_scope) for c, _ in self.places]
            attempts = [
                outcome(attempt)[0]
                for real, _ in self.scopes
                for attempt in (real.exit, real.flush, real.discard)
            ]
        except BaseException:  # noqa: BLE001 - the parent must not run twice
            return 2
        has_raised = set(attempts) == {"ScopeStateError"}
        return int(any(currents) or bool(self.observer.events) or not has_raised)
