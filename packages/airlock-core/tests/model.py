"""What the core should do, without threads, locks, context variables or marks.

The state machine does every step twice, in airlock and here, and compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "ENDED",
    "Boom",
    "Effect",
    "Model",
    "ModelScope",
    "Place",
    "Refused",
    "allows",
    "key",
]

ENDED = ("flushed", "discarded")


class Boom(Exception):  # noqa: N818 - it is no error but what a test lets happen
    """What a broken executor raises."""


class Refused(Exception):  # noqa: N818 - it stands for any of airlock's errors
    """Airlock raises the error of this name here."""


class Effect(NamedTuple):
    """An intent: what it does, and what went with it when it was enqueued."""

    number: int
    kind: int
    regions: tuple[str, ...]
    executor: str


@dataclass(eq=False)
class ModelScope:
    """A scope: the effects in its buffer, and what became of each."""

    name: str
    kind: str
    policy: str
    state: str = "new"
    parent: ModelScope | None = None
    closed_before: ModelScope | None = None
    buffer: list[Effect] = field(default_factory=list)
    captured: set[int] = field(default_factory=set)
    outcomes: dict[int, str] = field(default_factory=dict)

    def settle(self, outcome: str, effects: list[Effect]) -> None:
        """Note the outcome of some effects."""
        self.outcomes.update((effect.number, outcome) for effect in effects)

    def lets(self, effect: Effect) -> bool:
        """Say whether an effect of a scope inside this one may leave now."""
        return self.kind != "capturing" and (self.kind != "letting" or effect.kind != 0)


@dataclass(eq=False)
class Entry:
    """One entry of a policy() region."""

    name: str
    place: Place
    is_over: bool = False


@dataclass(eq=False)
class Place:
    """A thread, task or context: its innermost scope, its policy() regions."""

    scope: ModelScope | None = None
    entries: tuple[Entry, ...] = ()

    def current(self) -> ModelScope | None:
        """Return the scope that accepts what is enqueued here."""
        is_open = self.scope is not None and self.scope.state == "active"
        return self.scope if is_open else None

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the names of those in force, outermost first."""
        return tuple(entry.name for entry in self.entries if not entry.is_over)


@dataclass
class Model:
    """All of airlock. `events` holds what the hooks were asked, in order."""

    events: list[tuple[object, ...]] = field(default_factory=list)
    # How many dispatches succeed before one fails.
    fuse: int | None = None
    # What was not left yet.
    entries: list[Entry] = field(default_factory=list)

    def forget_the_step(self) -> None:
        """Begin another step."""
        self.events, self.fuse = [], None

    def enter_region(self, place: Place, name: str) -> None:
        """Let one more policy judge."""
        self.entries.append(Entry(name, place))
        place.entries = (*place.entries, self.entries[-1])

    def leave_region(self, place: Place, name: str) -> None:
        """Leave the last entry that was made here, or else the only one elsewhere."""
        left = [e for e in self.entries if e.name == name]
        here = [e for e in place.entries if e in left]
        own = [e for e in here if e.place is place]
        gone = own[-1:] or (left if len(left) == 1 else [])
        for entry in gone:
            entry.is_over = not own
            self.entries.remove(entry)
        out = own[-1:] or here[-1:]
        place.entries = tuple(e for e in place.entries if e not in out)

    def enter(self, place: Place, scope: ModelScope) -> None:
        """Make the scope current."""
        self._advance(scope, ("new",), "active")
        if place.current() is None:
            scope.closed_before = place.scope
        scope.parent = _nearest_open(place.scope)
        place.scope = scope

    def exit(self, place: Place, scope: ModelScope) -> bool:
        """Close the scope, and tell whether one inside it is still open here."""
        self._advance(scope, ("active",), "exited")
        if scope not in _around(place.scope):
            return False
        if place.current() is None:
            place.scope = _outside(scope)
            return False
        return True

    def enqueue(
        self, place: Place, number: int, kind: int, meanwhile: str | None
    ) -> None:
        """Buffer an effect, unless a hook refuses or the scope ends meanwhile."""
        scope = place.current()
        if scope is None:
            raise Refused("ScopeClosedError" if place.scope else "NoScopeError")
        effect = Effect(number, kind, place.regions, scope.name)
        for policy in (*reversed(place.regions), scope.policy):
            self.events.append(("observed", policy, number))
            if policy.startswith("refuse"):
                raise Refused("PolicyViolation")
        if meanwhile:
            self.exit(Place(), scope)
        if meanwhile == "flush":
            self.flush(scope)
        if meanwhile == "discard":
            self.discard(scope)
        if meanwhile:
            raise Refused("ScopeClosedError")
        scope.buffer.append(effect)
        scope.settle("buffered", [effect])

    def flush(self, scope: ModelScope, *, closing: bool = False) -> list[int]:
        """Judge, ask the scopes around, and dispatch the rest until one fails."""
        self._advance(scope, ("new", "exited"), "flushed")
        allowed = [e for e in scope.buffer if self._allowed(scope, e)]
        scope.settle("blocked", [e for e in scope.buffer if e not in allowed])
        leaving = _coalesced(scope, allowed)
        leaving = self._let_out(scope, leaving, closing=closing)
        scope.settle("not attempted", leaving)
        for effect in leaving:
            scope.settle("failed", [effect])
            self._dispatch(effect)
            scope.settle("dispatched", [effect])
        return [effect.number for effect in leaving]

    def discard(self, scope: ModelScope) -> list[int]:
        """Drop everything."""
        self._advance(scope, ("new", "exited"), "discarded")
        scope.settle("discarded", scope.buffer)
        return [effect.number for effect in scope.buffer]

    def leave(self, place: Place, scope: ModelScope, *, failing: bool) -> None:
        """End a `with` block."""
        is_early = scope.state == "active" and self.exit(place, scope)
        try:
            if scope.state not in ENDED:
                (self.discard if failing else self.flush)(scope)
        finally:
            if is_early:
                self.events.append(("warned",))

    def _advance(self, scope: ModelScope, before: tuple[str, ...], after: str) -> None:
        if scope.state not in before:
            raise Refused("ScopeStateError")
        scope.state = after

    def _allowed(self, scope: ModelScope, effect: Effect) -> bool:
        is_own = effect.number not in scope.captured
        regions = tuple(reversed(effect.regions)) if is_own else ()
        for policy in (*regions, scope.policy):
            self.events.append(("asked", policy, effect.number))
            if not allows(policy, effect.kind):
                return False
        return True

    def _let_out(
        self, scope: ModelScope, leaving: list[Effect], *, closing: bool
    ) -> list[Effect]:
        outer = _nearest_open(scope.parent)
        while outer and leaving:
            numbers = [effect.number for effect in leaving]
            self.events.append(("offered", outer.name, scope.name, numbers))
            kept = [effect for effect in leaving if not outer.lets(effect)]
            if closing:
                # What a scope that closes while it is asked cannot keep, leaves.
                closing, kept, outer.state = False, [], "exited"
            outer.buffer += kept
            outer.captured.update(effect.number for effect in kept)
            outer.settle("buffered", kept)
            scope.settle("captured", kept)
            leaving = [effect for effect in leaving if effect not in kept]
            outer = _nearest_open(outer.parent)
        return leaving

    def _dispatch(self, effect: Effect) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                raise Boom
        self.events.append(("sent", effect.executor, effect.number))


def allows(policy: str, kind: int) -> bool:
    """Return what a policy of this name answers."""
    return not policy.startswith("drop") and (kind != 1 or not policy.startswith("odd"))


def key(kind: int) -> int:
    """Return what equal effects share: kinds 0 and 2 are the same effect."""
    return kind % 2


def _coalesced(scope: ModelScope, leaving: list[Effect]) -> list[Effect]:
    if not scope.kind.startswith("coalescing"):
        return leaving
    is_last = scope.kind.endswith("last")
    sent: dict[int, Effect] = {}
    for effect in reversed(leaving) if is_last else leaving:
        sent.setdefault(key(effect.kind), effect)
    scope.settle("coalesced", [e for e in leaving if e not in sent.values()])
    return [effect for effect in leaving if effect in sent.values()]


def _around(scope: ModelScope | None) -> list[ModelScope]:
    return [scope, *_around(scope.parent)] if scope else []


def _nearest_open(scope: ModelScope | None) -> ModelScope | None:
    return next((s for s in _around(scope) if s.state == "active"), None)


def _outside(scope: ModelScope) -> ModelScope | None:
    """Return what is current after a scope, past those that closed before it.

    A scope opened where nothing was current, because the scope there had been
    closed from elsewhere, leaves it so.
    """
    for around in _around(scope):
        if around.state == "active":
            return around
        if around.closed_before:
            return around.closed_before
    return None
