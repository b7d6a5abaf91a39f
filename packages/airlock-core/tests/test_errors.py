"""What every error has in common."""

from __future__ import annotations

import pickle

import pytest

import airlock

SAMPLES = [
    airlock.ArgumentError("MaxEffects", "-1", "an integer of 0 or more"),
    airlock.NoScopeError("shop:send"),
    airlock.ScopeClosedError("shop:send"),
    airlock.ForkedScopeError("shop:send"),
    airlock.PolicyEnqueueError("enqueue(shop:send)"),
    airlock.ScopeStateError("flush", "is still active", "Call `exit()` first."),
    airlock.PolicyViolation("No mail on Sundays."),
    airlock.UnexpectedEffectError("shop:send"),
    airlock.BlockedTaskError("shop:send", "BlockTasks"),
    airlock.EffectLimitError("shop:send", 3, "shop:pack", 2),
    airlock.NotATaskError("None", "Pass the task."),
    airlock.AsyncDispatchError("shop:send"),
    airlock.BulkDispatchError("send_many", "yielded 2 where 1 effects were left"),
    airlock.TaskArgumentsError("shop:send", "(to)", "missing a required argument"),
    airlock.UnknownPluginError("executor", "toy", ["sync"]),
    airlock.UnknownPluginError("executor", "toy", [], "airlock-toy"),
    airlock.DuplicatePluginError("executor", "toy", ["a 1 (a:b)", "c 1 (d:e)"]),
    airlock.BrokenPluginError("executor", "toy", "toy 1 (a:b)", "ImportError: no"),
    airlock.ImportPathError("executor", "a.b", "ImportError: no"),
    airlock.PluginTypeError("executor", "3", "a callable"),
]


def test_there_is_a_sample_of_every_error() -> None:
    """A new error must be added above."""
    errors = {
        value
        for name in airlock.__all__
        if isinstance(value := getattr(airlock, name), type)
        and issubclass(value, airlock.AirlockError)
    }

    assert errors - {airlock.AirlockError, airlock.PluginError} == set(
        map(type, SAMPLES)
    )


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_errors_survive_pickling(error: airlock.AirlockError) -> None:
    """Workers and test runners send them between processes."""
    twin = pickle.loads(pickle.dumps(error))

    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert twin.args == error.args


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_errors_show_their_facts(error: airlock.AirlockError) -> None:
    """A text without the offending value helps nobody."""
    facts = [fact for fact in error.args if isinstance(fact, str | int) and fact]

    assert str(error).endswith(".")
    for fact in facts:
        assert str(fact) in str(error)


def test_a_plugin_of_the_wrong_kind_is_mended_where_it_comes_from() -> None:
    """By its declaration, if it was found by name; else by what was passed."""
    found = airlock.PluginTypeError("executor", "3", "a callable", "toy 1 (a:b)")
    passed = airlock.PluginTypeError("executor", "3", "a callable")

    assert str(found).endswith("Correct its declaration.")
    assert "Pass one, or the name" in str(passed)
