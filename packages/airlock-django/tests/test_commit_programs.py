"""Airlock against Django's own callbacks, over random programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.test import TestCase
from hypothesis import HealthCheck, example, given, settings
from programs import PROGRAMS, Atomic, Enqueue, Flush, Raise, Run, Scope, Try, Undo

if TYPE_CHECKING:
    from programs import Step

# What `scripts/test --thorough` sets.
IS_THOROUGH = os.environ.get("AIRLOCK_THOROUGH") == "1"
MANY = 5_000 if IS_THOROUGH else 300
FEW = 500 if IS_THOROUGH else 60


def examples(number: int) -> settings:
    """Return what a search of this size needs."""
    return settings(
        max_examples=number,
        # A busy machine is no mistake of airlock's.
        deadline=None,
        # The fixtures hold no state between two examples.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
        ],
        print_blob=True,
    )


def check(using: str, program: tuple[Step, ...]) -> None:
    """Run a program and compare.

    Of each scope that flushed, in enqueue order, exactly those effects leave whose
    `on_commit()` callback Django ran. One with transactions open on two databases
    needs the callbacks of both; one from autocommit is never dropped. A scope leaves
    as a whole: at its flush, or, where it holds effects with a callback that Django
    may still run, when the last transaction of these has ended, committed or not.
    Those that wait for the same end leave in the order of their flushes.
    """
    run = Run(using)

    run.execute(program)

    assert run.left == run.expected


@pytest.mark.django_db(transaction=True, databases=["default", "archive"])
@example((Scope((Atomic((Enqueue(), Try((Atomic((Enqueue(), Raise())),)))),)),))
@example((Atomic((Scope((Enqueue(), Atomic((Enqueue(), Undo())))), Undo())),))
@example((Scope((Enqueue(), Atomic((Enqueue(), Flush(), Undo())))),))
@examples(MANY)
@given(PROGRAMS)
def test_what_leaves_on_sqlite(program: tuple[Step, ...]) -> None:
    """Nobody thinks of all the ways to nest these."""
    check("default", program)


@pytest.mark.service("postgres")
@pytest.mark.django_db(transaction=True, databases=["postgres", "archive"])
@examples(FEW)
@given(PROGRAMS)
def test_what_leaves_on_postgres(program: tuple[Step, ...]) -> None:
    """Fewer, since each takes a round trip per block."""
    check("postgres", program)


@pytest.mark.service("mariadb")
@pytest.mark.django_db(transaction=True, databases=["mariadb", "archive"])
@examples(FEW)
@given(PROGRAMS)
def test_what_leaves_on_mariadb(program: tuple[Step, ...]) -> None:
    """The same on the third."""
    check("mariadb", program)


class Wrapper(TestCase):
    """Wraps what runs in it as it wraps tests."""

    databases: ClassVar[set[str]] = {"default", "archive"}  # type: ignore[misc]


@pytest.mark.django_db(transaction=True, databases=["default", "archive"])
@examples(MANY)
@given(PROGRAMS)
def test_what_leaves_in_a_test_case(program: tuple[Step, ...]) -> None:
    """The same effects in the same order as in production."""
    production, in_test_case = Run("default"), Run("default")
    production.execute(program)
    wrapper: Any = Wrapper
    blocks = wrapper._enter_atomics()

    in_test_case.execute(program)

    wrapper._rollback_atomics(blocks)
    assert in_test_case.left == production.left
