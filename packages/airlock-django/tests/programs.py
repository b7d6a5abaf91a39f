"""Random programs of transactions and scopes, and what must leave of them.

Each effect is enqueued, and at the same line a callback of `transaction.on_commit()`
is registered: Django itself says which of them would have run.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TypeAlias

from django.db import transaction
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


Step: TypeAlias = Enqueue | Raise | Undo | Try | Atomic | Scope

LEAVES = st.one_of(
    st.just(Enqueue()), st.just(Enqueue()), st.just(Raise()), st.just(Undo())
)


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


STEPS: st.SearchStrategy[Step] = st.recursive(LEAVES, _blocks, max_leaves=20)
_BODIES = st.lists(STEPS, min_size=1, max_size=5).map(tuple)
# Effects need a scope and, mostly, a transaction.
PROGRAMS: st.SearchStrategy[tuple[Step, ...]] = st.one_of(
    _BODIES.map(lambda steps: (Scope(steps),)),
    _BODIES.map(lambda steps: (Atomic((Scope(steps),)),)),
)


@dataclass
class Run:
    """One execution of a program on a database.

    Attributes:
        left: The effects that left, in order.
        committed: Those whose callback Django ran.
        flushes: The effects of each scope that flushed, in the order that they must
            leave in: at the flush, or when the last transaction that was open then
            has ended.
    """

    using: str
    left: list[int] = field(default_factory=list)
    committed: set[int] = field(default_factory=set)
    flushes: list[list[int]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _scopes: list[list[int]] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _waiting: list[list[int]] = field(default_factory=list)

    def execute(self, program: tuple[Step, ...]) -> None:
        """Run a program to its end, whatever it raises."""
        with suppress(Failure):
            self._body(program)

    @property
    def expected(self) -> list[int]:
        """What must have left, in order."""
        return [n for flush in self.flushes for n in flush if n in self.committed]

    def _body(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            if isinstance(step, Enqueue):
                self._enqueue()
            elif isinstance(step, Raise):
                raise Failure
            elif isinstance(step, Undo):
                self._undo()
            elif isinstance(step, Try):
                with suppress(Failure):
                    self._body(step.body)
            elif isinstance(step, Atomic):
                self._atomic(step)
            else:
                self._scope(step)

    def _enqueue(self) -> None:
        if not self._scopes:
            return
        number = next(self._numbers)
        self._scopes[-1].append(number)
        airlock.enqueue(self.left.append, number)
        self._register(number, [*dict.fromkeys(self._open)])

    def _register(self, number: int, aliases: list[str]) -> None:
        # With two transactions open, both must commit: a callback of the one that
        # ends last, which registers nothing unless that of the other has run.
        reached: list[str] = []

        def note(alias: str) -> None:
            reached.append(alias)
            if len(reached) == len(aliases):
                self.committed.add(number)

        for alias in aliases:
            transaction.on_commit(partial(note, alias), alias)
        if not aliases:
            transaction.on_commit(partial(self.committed.add, number), self.using)

    def _undo(self) -> None:
        if self._open:
            transaction.set_rollback(True, self._open[-1])

    def _atomic(self, step: Atomic) -> None:
        alias = "archive" if step.is_archive else self.using
        block = transaction.atomic(
            alias,
            # Without one the test case's own transaction would be broken.
            savepoint=step.has_savepoint or alias not in self._open,
            durable=step.is_durable and alias not in self._open,
        )
        try:
            with block:
                self._open.append(alias)
                try:
                    self._body(step.body)
                finally:
                    self._open.pop()
        finally:
            if not self._open:
                self.flushes += self._waiting
                self._waiting.clear()

    def _scope(self, step: Scope) -> None:
        effects: list[int] = []
        self._scopes.append(effects)
        with airlock.scope(_cls=DjangoScope):
            try:
                self._body(step.body)
            finally:
                self._scopes.pop()
            # Not reached with an exception, with which a scope discards.
            (self._waiting if self._open else self.flushes).append(effects)
