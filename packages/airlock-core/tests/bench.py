"""What the state machine compares after each step, and the laws that always hold."""

from __future__ import annotations

import contextvars
import warnings
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis.stateful import RuleBasedStateMachine, invariant
from model import Model, ModelScope, Place
from witness import Observer, Witness, in_thread, numbered, outcome

import airlock
from airlock import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bench"]


class Bench(RuleBasedStateMachine):
    """Airlock and the model of it, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.observer = Observer()
        self.places = [(contextvars.Context(), Place()) for _ in range(2)]
        self.scopes: list[tuple[Witness, ModelScope]] = []
        self.regions: list[tuple[airlock.LocalPolicy, str]] = []
        self.numbers = 0
        self.accepted: list[int] = []
        self.sent: list[int] = []
        self.has_forked = False

    def compare(
        self,
        at: int,
        act: Callable[[], object],
        expect: Callable[[Place], object],
        *,
        threaded: bool = False,
    ) -> bool:
        """Do one step in airlock and in the model; tell whether both succeeded."""
        context, place = self.places[at % len(self.places)]
        found: list[object] = []

        def observe() -> None:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found.append(outcome(act))
            self.observer.events += [("warned",)] * len(caught)

        if threaded:
            in_thread(lambda: context.run(observe))
        else:
            context.run(observe)
        expected = outcome(lambda: expect(place))
        events = self.observer.events
        assert (found, events) == ([expected], self.model.events)
        self.sent += [event[2] for event in events if event[0] == "sent"]
        self.model.forget_the_step()
        self.observer.forget_the_step()
        return expected[0] == "ok"

    def pick(self, which: int, *states: str) -> tuple[Witness, ModelScope]:
        """Choose a scope, sooner one in such a state, the innermost first."""
        wanted = [s for s in self.scopes if s[1].state in states]
        others = [s for s in self.scopes if s[1].state not in states]
        return (wanted[::-1] + others[::-1])[which % len(self.scopes)]

    def sooner(self, at: int, fits: Callable[[Place], bool]) -> int:
        """Choose a place, sooner one that fits."""
        order = sorted(
            range(len(self.places)), key=lambda n: not fits(self.places[n][1])
        )
        return order[at % len(order)]

    def burn(self, fuse: int | None, *, is_async: bool) -> None:
        """Let a dispatch of this step fail, and let executors be async or not."""
        self.observer.fuse = self.model.fuse = fuse
        self.observer.is_async = is_async

    @invariant()
    def everything_is_where_the_model_says(self) -> None:
        """The same scope is current, the same intents have the same outcomes."""
        for real, model in self.scopes:
            fates = [(numbered(f.intent), f.outcome.value) for f in real.report().fates]
            states = (real.is_active, real.is_flushed, real.is_discarded)
            assert fates == [(e.number, model.outcomes[e.number]) for e in model.buffer]
            expected = (model.state == s for s in ("active", "flushed", "discarded"))
            assert states == tuple(expected)
        for context, place in self.places:
            current = context.run(airlock.get_current_scope)
            found = [model for real, model in self.scopes if real is current]
            assert found == ([place.current()] if place.current() else [])

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """Every accepted intent has one fate; what went, went once, in order."""
        fates: Counter[int] = Counter()
        for real, _ in self.scopes:
            report = real.report()
            assert report.counts.total() == len(real.intents)
            fates.update(
                numbered(fate.intent)
                for fate in report.fates
                if fate.outcome is not Outcome.CAPTURED
            )
            went = [numbered(intent) for intent in real.dispatched]
            assert went == [number for number in self.sent if number in went]
        assert fates == Counter(self.accepted)
        assert Counter(self.sent) == Counter(set(self.sent))

    def teardown(self) -> None:
        """Let no scope be abandoned, also where the machine found a mistake."""
        for real, _ in self.scopes:
            if real.is_active:
                contextvars.Context().run(real.exit)
            if not (real.is_flushed or real.is_discarded):
                real.discard()
