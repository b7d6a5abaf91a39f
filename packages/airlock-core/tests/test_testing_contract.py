"""The contract: executors that keep it, and executors that break one rule each."""

from __future__ import annotations

import abc
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

import pytest
from broken_executors import (
    ChangingTheIntent,
    CheckingAnonymously,
    CheckingNothing,
    CheckingTooMuch,
    ForgettingWhatWentBeforeAFailure,
    IgnoringUnknownOptions,
    LosingArguments,
    LosingKeywords,
    LosingOptions,
    LosingTheRestOfALargePart,
    LosingTheRestOfAPart,
    Nameless,
    QueueingAtTheCheck,
    QueueingPlainCallables,
    QueueingTooEarly,
    Reordering,
    ReorderingAPart,
    Replacing,
    ReturningCoroutines,
    Swallowing,
    TakingArgumentsForOptions,
    TakingOptionsForArguments,
    Twice,
)
from tiny_queue import Message, TinyBulkExecutor, TinyContract, TinyExecutor

from airlock.integrations.executors.sync import sync_executor
from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock import Executor, Intent

RULES = [name for name in dir(ExecutorContract) if name.startswith("test_")]


class TestSyncExecutor(ExecutorContract):
    def executor(self) -> Executor:
        return sync_executor

    def make_task(self, function: Callable[..., None]) -> Callable[..., None]:
        return function

    def drain(self) -> None:
        """Everything ran in place."""


class TestTinyExecutor(TinyContract):
    pass


class TestTinyBulkExecutor(TinyContract):
    """It takes nothing but tasks of its queue."""

    make_executor = TinyBulkExecutor
    runs_plain_callables = False


class AsyncTinyExecutor(TinyExecutor):
    async def __call__(self, intent: Intent) -> None:
        super().__call__(intent)


class TestAsyncTinyExecutor(TinyContract):
    make_executor = AsyncTinyExecutor
    is_async = True


class ChoosyExecutor(TinyExecutor):
    def message(self, intent: Intent) -> Message:
        if "group" in intent.kwargs:
            raise TypeError("group is taken")
        return super().message(intent)


class TestExecutorWithReservedNames(TinyContract):
    make_executor = ChoosyExecutor
    reserved_names = frozenset({"group"})


def broken_rules(**attributes: Any) -> set[str]:
    """Run the contract with some attributes replaced, as pytest would."""
    tried = type("Tried", (TinyContract,), attributes)
    broken = set()
    for rule in RULES:
        contract = tried()
        contract.setup_method()
        try:
            getattr(contract, rule)()
        except SkipTest:
            continue
        except Exception:  # noqa: BLE001 - pytest counts each as a failure
            broken.add(rule.removeprefix("test_"))
    return broken


LOST = {
    "effects_run_in_the_order_of_their_enqueues",
    "an_effect_happens_once",
    "arguments_arrive_as_they_were_given",
}
ANY_NAME = "an_argument_may_have_any_name"
APART = "an_option_and_an_argument_of_one_name_are_kept_apart"
UNKNOWN = "an_unknown_option_is_an_error_and_not_an_argument"
HONOURED = "a_valid_option_is_honoured"
UNCARRIED = "an_argument_that_the_queue_cannot_carry_ends_the_flush"
MANY = "many_effects_arrive_once_each_and_in_order"
AMONG_MANY = "a_failure_among_many_leaves_a_true_account"
PLAIN = "a_plain_callable_runs_in_place"
PLAIN_FAILS = "what_a_plain_callable_raises_ends_the_flush"
UNCHANGED = "the_intent_stays_as_it_was"
AWAITABLE = "only_an_async_executor_returns_an_awaitable"
EARLY = "nothing_runs_before_the_scope_ends"
DISCARDED = "a_discarded_scope_dispatches_nothing"
CHECK_PASSES = "checking_lets_pass_what_can_be_dispatched_and_sends_nothing"
CHECK_ARGUMENTS = "checking_refuses_arguments_that_the_task_does_not_take"
CHECK_OPTIONS = "checking_refuses_an_unknown_option"
CHECK_CARRIED = "checking_refuses_an_argument_that_the_queue_cannot_carry"


@pytest.mark.parametrize(
    ("mistake", "broken"),
    [
        (TakingArgumentsForOptions, {ANY_NAME, APART}),
        (LosingOptions, {HONOURED, APART}),
        (IgnoringUnknownOptions, {UNKNOWN, CHECK_OPTIONS}),
        (Swallowing, {PLAIN_FAILS, UNKNOWN, UNCARRIED, AMONG_MANY}),
        (Replacing, {PLAIN_FAILS}),
        (QueueingPlainCallables, {PLAIN, PLAIN_FAILS}),
        (ChangingTheIntent, {UNCHANGED}),
        (QueueingAtTheCheck, {EARLY, DISCARDED, CHECK_PASSES, CHECK_ARGUMENTS}),
        (CheckingTooMuch, {EARLY, DISCARDED, CHECK_PASSES, CHECK_ARGUMENTS}),
        (CheckingNothing, {CHECK_ARGUMENTS, CHECK_OPTIONS, CHECK_CARRIED}),
        (CheckingAnonymously, {CHECK_ARGUMENTS, CHECK_OPTIONS, CHECK_CARRIED}),
    ],
)
def test_a_mistake_breaks_the_rules_about_it_and_no_others(
    mistake: type[TinyExecutor], broken: set[str]
) -> None:
    """The author reads from the failures what is wrong."""
    assert broken_rules(make_executor=mistake) == broken


@pytest.mark.parametrize(
    ("mistake", "broken"),
    [
        (Reordering, {"effects_run_in_the_order_of_their_enqueues"}),
        (Twice, LOST),
        (LosingArguments, LOST),
        (LosingKeywords, {"arguments_arrive_as_they_were_given", ANY_NAME}),
        (TakingOptionsForArguments, {UNKNOWN, HONOURED, APART}),
        (ReturningCoroutines, LOST | {AWAITABLE}),
        (QueueingTooEarly, LOST | {AWAITABLE}),
    ],
)
def test_a_gross_mistake_breaks_many_rules(
    mistake: type[TinyExecutor], broken: set[str]
) -> None:
    """A contract that a broken executor passes is worth nothing."""
    assert broken_rules(make_executor=mistake) >= broken


@pytest.mark.parametrize(
    ("mistake", "broken"),
    [
        (LosingTheRestOfAPart, {MANY, AMONG_MANY}),
        (ReorderingAPart, {MANY, AMONG_MANY}),
        (ForgettingWhatWentBeforeAFailure, {AMONG_MANY}),
    ],
)
def test_a_mistake_in_a_part_breaks_the_rules_about_many(
    mistake: type[TinyExecutor], broken: set[str]
) -> None:
    """Two effects are too few to see it."""
    found = broken_rules(make_executor=mistake, runs_plain_callables=False)

    assert found == broken


def test_the_rules_about_many_go_as_far_as_they_are_told() -> None:
    """An executor that hands over hundreds at once is not tried with sixty."""
    broken = partial(
        broken_rules,
        make_executor=LosingTheRestOfALargePart,
        runs_plain_callables=False,
    )

    usual, told = broken(), broken(batch_size=100)

    assert usual == set()
    assert told == {MANY, AMONG_MANY}


@pytest.mark.parametrize("mistake", [TinyExecutor, QueueingTooEarly])
def test_what_is_declared_async_must_do_nothing_before_it_is_awaited(
    mistake: type[TinyExecutor],
) -> None:
    """In a plain scope the effect would happen, and be reported as failed."""
    assert broken_rules(make_executor=mistake, is_async=True) == {AWAITABLE}


def test_tasks_that_cannot_be_told_apart_are_a_mistake() -> None:
    """A policy that blocks one by its name would block all."""
    assert broken_rules(make_tiny_task=Nameless) == {
        "each_task_has_a_name_of_its_own",
        "a_policy_finds_a_task_by_its_name",
    }


def test_a_name_that_is_reserved_must_be_refused() -> None:
    """Declaring it is no licence to lose it."""
    found = broken_rules(
        make_executor=LosingKeywords, reserved_names=frozenset({"group"})
    )

    assert "a_reserved_name_is_an_error" in found


def test_valid_options_need_a_way_to_see_them() -> None:
    """Otherwise the rule would pass for a queue that was never told."""

    class Unseen(TinyContract):
        queued_with = ExecutorContract.queued_with

    unseen = Unseen()
    unseen.setup_method()

    with pytest.raises(NotImplementedError, match="Unseen declares valid_options"):
        unseen.test_a_valid_option_is_honoured()


@pytest.mark.parametrize("hook", ["executor", "make_task", "drain"])
def test_a_hook_that_is_missing_fails_every_rule(hook: str) -> None:
    """A contract that was not told what to run must not pass."""
    incomplete = type("Incomplete", (TinyContract,), {})
    setattr(incomplete, hook, getattr(ExecutorContract, hook))
    abc.update_abstractmethods(incomplete)

    with pytest.raises(TypeError, match=hook):
        incomplete()


def test_what_is_not_declared_is_skipped_and_not_passed() -> None:
    """The report of pytest shows what the contract could not judge."""
    contract = TestSyncExecutor()

    with pytest.raises(SkipTest, match="not declared: valid_options"):
        contract.test_a_valid_option_is_honoured()


def test_a_failure_tells_the_rule_and_what_was_found() -> None:
    """The author has not read the contract."""

    class Reordered(TinyContract):
        make_executor = Reordering

    contract = Reordered()
    contract.setup_method()

    with pytest.raises(AssertionError) as caught:
        contract.test_an_async_scope_dispatches_too()

    assert str(caught.value) == (
        "These are the runs so far: "
        "Expected [((1,), {}), ((2,), {})], got [((2,), {}), ((1,), {})]."
    )


def test_the_module_costs_nothing_until_it_is_used() -> None:
    """Programs that import airlock need no test tools, and contracts no pytest."""
    program = (
        "import sys, airlock; assert 'airlock.testing' not in sys.modules\n"
        "import airlock.testing; assert 'pytest' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
