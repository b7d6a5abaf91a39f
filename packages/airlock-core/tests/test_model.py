"""Airlock against a model of it, over random histories of random steps."""

from __future__ import annotations

import contextvars

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from machine import Machine

import airlock
from airlock import Scope

MODEL = settings.get_profile("model")
# Hypothesis remembers all histories of a search: 20,000 in one would fill the memory.
SEARCHES = 40 if MODEL.stateful_step_count == 80 else 1


@pytest.mark.parametrize("search", range(SEARCHES))
def test_airlock_does_what_the_model_does(search: int) -> None:
    """Nobody thinks of all the orders in which scopes can be used."""
    del search

    run_state_machine_as_test(Machine, settings=MODEL)


@pytest.mark.filterwarnings("ignore:A scope exited while:RuntimeWarning")
def test_a_place_stays_closed_also_after_exits_out_of_order() -> None:
    """Otherwise effects slip into a boundary further out."""
    outermost = Scope().enter()
    closed_elsewhere = Scope().enter()
    contextvars.copy_context().run(closed_elsewhere.exit)
    first, second = Scope().enter(), Scope().enter()
    first.exit()
    second.exit()

    current = airlock.get_current_scope()

    outermost.exit()
    for scope in (outermost, closed_elsewhere, first, second):
        scope.discard()
    assert current is None
