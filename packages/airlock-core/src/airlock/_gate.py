"""The gate of a scope: which of its intents may leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from airlock._account import Account
from airlock._awaitable import at_once
from airlock._buffer import nearest_open
from airlock._errors import ArgumentError, ScopeClosedError
from airlock._intent import policy_name, verdict
from airlock._policy import hooks_of, judges_of
from airlock._region import ask
from airlock._report import Mark, Outcome, told
from airlock._state import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airlock._intent import Intent
    from airlock._policy import Hook, Policy
    from airlock._scope import Scope

__all__ = ["Gate"]

_AROUND = "a policy() around the enqueue"


class Gate(Account):
    """A buffer that its policy, and the scopes around it, let intents out of."""

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Say which intents of a scope inside this one may leave now.

        Called when that scope flushes, after its policy has judged, from the
        nearest scope around it to the outermost. What is not returned stays in
        this scope's buffer, with the executor it was enqueued under.

        Args:
            exiting_scope: The scope that flushes.
            intents: What is about to leave it, in order.
        """
        del exiting_scope
        return intents

    def before_captured_leave(
        self, keeping_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Say which intents of this scope may leave one around it that kept them.

        Called when that scope flushes, after its policy has judged: this one may know
        better than it what has become of the work that they belong to. What is not
        returned does not leave there.

        Args:
            keeping_scope: The scope that flushes.
            intents: What is about to leave it, and was enqueued here, in order.
        """
        del keeping_scope
        return intents

    def _find_hooks(self) -> tuple[Hook, ...]:
        self._hooks = hooks_of((self._policy,))
        return self._hooks

    def _prepare(self) -> list[Intent]:
        """End the scope; return what its policy and the scopes around it let go.

        Where that is everything it is the buffer itself, and not to be changed.
        """
        intents = self._end("flush", State.FLUSHED)
        if not intents:
            return []
        try:
            leaving = self._offer(self._choose(self._allowed(intents)))
            return self._ask_origins(leaving) if self._captured else leaving
        except BaseException as error:
            all_of_it = tuple(intents)
            self._marks.insert(0, Mark(Outcome.NOT_ATTEMPTED, all_of_it, told(error)))
            raise

    def _choose(self, allowed: list[Intent]) -> list[Intent]:
        """Choose among what the policies allow; stock subclasses leave some out."""
        return allowed

    def _offer(self, leaving: list[Intent]) -> list[Intent]:
        outer = nearest_open(self._parent)
        while outer is not None and leaving:
            leaving = outer._retain(cast("Scope", self), leaving)
            outer = nearest_open(outer._parent)
        # Those who were asked may have forked: this process is the child then.
        self._stay()
        return leaving

    def _ask_origins(self, leaving: list[Intent]) -> list[Intent]:
        asked: dict[int, tuple[Scope, list[Intent]]] = {}
        for intent in leaving:
            origin = self._captured.get(id(intent))
            if origin is not None:
                asked.setdefault(id(origin), (origin, []))[1].append(intent)
        held: set[int] = set()
        for origin, intents in asked.values():
            chosen = origin.before_captured_leave(cast("Scope", self), list(intents))
            kept = _not_in(chosen, intents, origin, "before_captured_leave")
            by = f"by the {type(origin).__name__} it came from"
            self._mark(Outcome.CAPTURED, kept, by)
            held.update(map(id, kept))
        return [intent for intent in leaving if id(intent) not in held]

    def _allowed(self, intents: list[Intent]) -> list[Intent]:
        own = judges_of((self._policy,), "")
        if own or [i for i in intents if i.local_policies]:
            return ask(self._judge, intents)
        # Nobody to ask: the common case, in which judging each is a third of a flush.
        return intents

    def _judge(self, intents: list[Intent]) -> list[Intent]:
        allowed: list[Intent] = []
        blocked: dict[str, list[Intent]] = {}
        own = judges_of((self._policy,), "the scope's policy")
        region: tuple[Policy, ...] = ()
        judges = own
        captured = self._captured
        for intent in intents:
            around = intent.local_policies
            # What came from a scope inside this one has passed them there.
            if captured and id(intent) in captured:
                around = ()
            # Consecutive intents share a region, as a rule: look into each once.
            if around is not region:
                region, judges = around, (*judges_of(reversed(around), _AROUND), *own)
            for allows, policy, place in judges:
                answer = allows(intent)
                if answer is not True and not verdict(policy, answer):
                    self._block(intent, blocked, f"by {policy_name(policy)}, {place}")
                    break
            else:
                allowed.append(intent)
        return allowed

    def _block(
        self, intent: Intent, blocked: dict[str, list[Intent]], reason: str
    ) -> None:
        if reason not in blocked:
            blocked[reason] = []
            self._mark(Outcome.BLOCKED, blocked[reason], reason)
        blocked[reason].append(intent)

    def _retain(self, exiting: Scope, intents: list[Intent]) -> list[Intent]:
        """Keep what may not leave a scope inside this one yet; return the rest."""
        chosen = self.before_descendant_flushes(exiting, list(intents))
        kept = _not_in(chosen, intents, self, "before_descendant_flushes")
        captured: list[Intent] = []
        # Marked first, and filled as it goes: an override of `_add` may raise.
        by = f"by the {type(self).__name__} around it"
        exiting._mark(Outcome.CAPTURED, captured, by)
        for intent in kept:
            # Before it is added: another thread may flush at once.
            self._captured[id(intent)] = exiting._captured.get(id(intent), exiting)
            try:
                captured.append(intent)
                self._accept(intent)
            except BaseException as error:
                # Withdrawn again: a signal handler may raise once it was accepted.
                self._withdraw(intent)
                captured[:] = [i for i in captured if i is not intent]
                del self._captured[id(intent)]
                if not isinstance(error, ScopeClosedError):
                    raise
                # Closed meanwhile by another thread: what it cannot keep may leave.
                break
        gone = {id(intent) for intent in captured}
        return [intent for intent in intents if id(intent) not in gone]


def _not_in(
    chosen: Sequence[Intent] | None, intents: list[Intent], scope: Gate, hook: str
) -> list[Intent]:
    """Return the intents that a hook did not choose."""
    place = f"{type(scope).__qualname__}.{hook}()"
    at_once(place, chosen, "a list of intents")
    leaving = {id(intent) for intent in chosen or ()}
    kept = [intent for intent in intents if id(intent) not in leaving]
    if chosen is None or len(kept) + len(leaving) != len(intents):
        raise ArgumentError(
            f"{place} returned what it was not asked about, and airlock",
            repr(chosen),
            "back those of the given intents that may leave, or an empty list",
        )
    return kept
