"""Random programs of transactions and scopes, and what must leave of them.

Each effect is enqueued, and at the same line a callback of `transaction.on_commit()`
is registered: Django itself says which of them would have run.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.db import connections, transaction
from hypothesis import strategies as st

import airlock
from airlock.integrations.django import DjangoScope


class Failure(Exception):  # noqa: N818 - raised on purpose
    """What a program raises."""


@dataclass(frozen=True)
class Enqueue:
    """An effect, if there is a scope."""


@dataclass(frozen=True)
class Raise:
    """Leave the block, and those around it, up to the nearest `Try`."""


@dataclass(frozen=True)
class Undo:
    """Ask for the rollback of the block around, if there is one."""


@dataclass(frozen=True)
class Flush:
    """End the innermost scope here, and not where its block ends."""


@dataclass(frozen=True)
class Try:
    """Catch what the body raises."""

    body: tuple[Step, ...]


@dataclass(frozen=True)
class Atomic:
    """A transaction or savepoint."""

    body: tuple[Step, ...]
    has_savepoint: bool = True
    # Only where no block is open: elsewhere Django refuses it.
    is_durable: bool = False
    is_archive: bool = False


@dataclass(frozen=True)
class Scope:
    """A scope of its own."""

    body: tuple[Step, ...]


Step: TypeAlias = Enqueue | Raise | Undo | Flush | Try | Atomic | Scope

_LEAVES: list[Step] = [Enqueue(), Enqueue(), Enqueue(), Raise(), Undo(), Flush()]


def _blocks(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    body = st.lists(steps, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        st.builds(Try, body),
        st.builds(
            Atomic,
            body,
            has_savepoint=st.sampled_from([True, True, False]),
            is_durable=st.booleans(),
            is_archive=st.sampled_from([False, False, False, True]),
        ),
        st.builds(Scope, body),
    )


STEPS: st.SearchStrategy[Step] = st.recursive(
    st.sampled_from(_LEAVES), _blocks, max_leaves=20
)
_BODIES = st.lists(STEPS, min_size=1, max_size=5).map(tuple)
# Effects need a scope and, mostly, a transaction.
PROGRAMS: st.SearchStrategy[tuple[Step, ...]] = st.one_of(
    _BODIES.map(lambda steps: (Scope(steps),)),
    _BODIES.map(lambda steps: (Atomic((Scope(steps),)),)),
)


@dataclass
class Effects:
    """What was enqueued in one scope."""

    scope: airlock.Scope
    numbers: list[int] = field(default_factory=list)


@dataclass
class Held:
    """The effects of a flush, and the databases whose transactions they wait for."""

    numbers: list[int]
    aliases: set[str]


@dataclass
class Run:
    """One execution of a program on a database.

    Attributes:
        left: The effects that left, in order.
        expected: What must have left, in order.
    """

    using: str
    left: list[int] = field(default_factory=list)
    _callbacks: dict[int, dict[str, Callback]] = field(default_factory=dict)
    _flushes: list[list[int]] = field(default_factory=list)
    _scopes: list[Effects] = field(default_factory=list)
    _held: list[Held] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def execute(self, program: tuple[Step, ...]) -> None:
        """Run a program to its end, whatever it raises."""
        with suppress(Failure):
            self._body(program)

    @property
    def expected(self) -> list[int]:
        """Tell from the callbacks that Django ran."""
        return [
            number
            for flush in self._flushes
            for number in flush
            if all(each.has_run for each in self._callbacks[number].values())
        ]

    def _body(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            match step:
                case Enqueue():
                    self._enqueue()
                case Raise():
                    raise Failure
                case Undo():
                    self._undo()
                case Flush():
                    self._flush()
                case Try():
                    with suppress(Failure):
                        self._body(step.body)
                case Atomic():
                    self._atomic(step)
                case Scope():
                    self._scope(step)

    def _enqueue(self) -> None:
        if not self._scopes:
            return
        number = len(self._callbacks)
        self._scopes[-1].numbers.append(number)
        airlock.enqueue(self.left.append, number)
        # Without a transaction Django runs it at once.
        aliases = set(self._open) or {self.using}
        self._callbacks[number] = {alias: Callback(alias) for alias in aliases}
        for callback in self._callbacks[number].values():
            transaction.on_commit(callback, callback.alias)

    def _undo(self) -> None:
        if self._open:
            transaction.set_rollback(True, self._open[-1])

    def _flush(self) -> None:
        if not self._scopes:
            return
        effects = self._scopes.pop()
        effects.scope.exit()
        held = Held(effects.numbers, self._awaited(effects.numbers))
        # Noted first: what is not held leaves during the flush.
        self._held.append(held)
        self._let_go()
        effects.scope.flush()

    def _awaited(self, numbers: list[int]) -> set[str]:
        """Return the databases with open transactions of effects not yet undone."""
        callbacks = [self._callbacks[number].values() for number in numbers]
        alive = [each for each in callbacks if not any(c.is_gone for c in each)]
        return {c.alias for each in alive for c in each if c.is_registered}

    def _let_go(self, ended: str = "") -> None:
        for held in self._held:
            held.aliases.discard(ended)
        self._flushes += [held.numbers for held in self._held if not held.aliases]
        self._held = [held for held in self._held if held.aliases]

    def _atomic(self, step: Atomic) -> None:
        alias = "archive" if step.is_archive else self.using
        is_outermost = alias not in self._open
        block = transaction.atomic(
            alias,
            # Without one a test case's own transaction would be broken.
            savepoint=step.has_savepoint or is_outermost,
            durable=step.is_durable and is_outermost,
        )
        try:
            with block:
                self._open.append(alias)
                try:
                    self._body(step.body)
                finally:
                    self._open.pop()
        finally:
            if is_outermost:
                self._let_go(alias)

    def _scope(self, step: Scope) -> None:
        scope = airlock.scope(_cls=DjangoScope).enter()
        self._scopes.append(Effects(scope))
        try:
            self._body(step.body)
        except Failure:
            if scope.is_active:
                self._scopes.pop()
                scope.exit()
                scope.discard()
            raise
        if scope.is_active:
            self._flush()


@dataclass
class Callback:
    """What Django is to run after the commit."""

    alias: str
    has_run: bool = False

    def __call__(self) -> None:
        """Be run."""
        self.has_run = True

    @property
    def is_registered(self) -> bool:
        """Whether Django may still run it."""
        entries: list[Any] = connections[self.alias].run_on_commit
        return any(entry[1] is self for entry in entries)

    @property
    def is_gone(self) -> bool:
        """Whether a rollback has removed it."""
        return not self.has_run and not self.is_registered
