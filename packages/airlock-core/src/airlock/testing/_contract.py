"""What every executor must do, as tests that its author inherits."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

import airlock
from airlock.testing._bench import expect, expect_equal, need
from airlock.testing._check_contract import CheckContract
from airlock.testing._hooks import Run, record, record_other, runs

__all__ = ["ExecutorContract"]

# Parameters of airlock and of its callers, options of one queue or another.
_ANY_NAME = (
    *("args", "executor", "func", "function", "intent", "kwargs", "message", "name"),
    *("options", "policy", "self", "task"),
    *("countdown", "delay", "eta", "expires", "group", "id", "priority", "queue"),
    *("retries", "timeout"),
)


class ExecutorContract(CheckContract):
    """Subclass it under pytest: each inherited test states one rule.

    Implement `executor`, `make_task` and `drain`, and declare what the queue can do;
    the rules about what is not declared are skipped.
    """

    def test_effects_run_in_the_order_of_their_enqueues(self) -> None:
        """What was enqueued first may be what the second relies on."""
        task, other = self.make_task(record), self.make_task(record_other)

        with self._within(self._scope()):
            for number in range(6):
                airlock.enqueue((task, other)[number % 2], number)

        self._expect_runs(*(((number,), {}) for number in range(6)))

    def test_an_effect_happens_once(self) -> None:
        """A second mail is a second effect."""
        task = self.make_task(record)

        with self._within(self._scope()):
            airlock.enqueue(task, 1)
        self.drain()

        self._expect_runs(((1,), {}))

    def test_many_effects_arrive_once_each_and_in_order(self) -> None:
        """Also where `dispatch_many` hands them over in parts."""
        task = self.make_task(record)
        # The first may leave alone, and then there are two whole parts and a rest.
        numbers = range(2 * self.batch_size + 2)

        with self._within(scope := self._scope()):
            for number in numbers:
                airlock.enqueue(task, number)

        expect_equal(scope.dispatched, scope.intents, "All must be dispatched.")
        self._expect_runs(*(((number,), {}) for number in numbers))

    def test_a_failure_among_many_leaves_a_true_account(self) -> None:
        """What is said to have left is repeated by nobody, and the rest may be."""
        argument = need(self.unserialisable, "unserialisable")
        task = self.make_task(record)
        expected: list[Run] = []

        # In the middle of a part, and around its end, whether or not the first effect
        # leaves alone.
        full = self.batch_size
        for size in (full // 2, full - 1, full, full + 1):
            arguments = [*range(size), argument, "last"]
            expected += self._runs_before_a_failure(task, arguments)
            self._expect_runs(*expected)

    def _runs_before_a_failure(
        self,
        task: Any,  # noqa: ANN401 - of any queue
        arguments: list[object],
    ) -> list[Run]:
        scope = self._scope()

        def enqueue() -> None:
            for argument in arguments:
                airlock.enqueue(task, argument)

        error = self._raised(scope, enqueue)

        expect(error, "An argument that the queue cannot carry must raise.")
        left = scope.dispatched
        first = scope.intents[: len(left)]
        expect_equal(left, first, "The first to be dispatched are the first enqueued.")
        return [(intent.args, {}) for intent in left]

    def test_arguments_arrive_as_they_were_given(self) -> None:
        """Positional and keyword ones, in their order."""
        task = self.make_task(record)
        args: tuple[Any, ...] = ("ada", 7, 1.5, None, True, [1, {"nested": []}])
        kwargs = {"subject": "hello", "copies": [2, 3]}

        with self._within(self._scope()):
            airlock.enqueue(task, *args, **kwargs)
            airlock.enqueue(task)

        self._expect_runs((args, kwargs), ((), {}))

    def test_an_argument_may_have_any_name(self) -> None:
        """Also that of a parameter or an option on the way to the task."""
        task = self.make_task(record)
        names = [name for name in _ANY_NAME if name not in self.reserved_names]
        kwargs: dict[str, Any] = {name: f"the {name}" for name in names}

        with self._within(self._scope()):
            airlock.enqueue(task, "ada", **kwargs)

        self._expect_runs((("ada",), kwargs))

    def test_a_reserved_name_is_an_error(self) -> None:
        """An argument that the queue takes for itself must not get lost."""
        task = self.make_task(record)

        for name in sorted(need(self.reserved_names, "reserved_names")):
            enqueue = partial(airlock.enqueue, task, **{name: 1})
            error = self._raised(self._scope(), enqueue)
            expect(error, f"An argument {name!r} must raise.")
        self._expect_runs()

    def test_the_intent_stays_as_it_was(self) -> None:
        """The account of the scope, and a second attempt, rely on it."""
        task = self.make_task(record)
        options = self.valid_options and dict(self.valid_options)

        with self._within(scope := self._scope()):
            airlock.enqueue(task, 1, subject="hello", _dispatch_options=options)
        self.drain()

        [intent] = scope.intents
        expect_equal(intent.args, (1,), "The executor must not change intent.args.")
        kept = intent.kwargs, intent.dispatch_options
        given = {"subject": "hello"}, self.valid_options
        expect_equal(
            kept, given, "The executor must not change what it is given: copy it."
        )

    def test_nothing_runs_before_the_scope_ends(self) -> None:
        """A worker that is faster than the commit would not find the row."""
        task = self.make_task(record)

        with self._within(self._scope(verify=True)):
            airlock.enqueue(task, 1)

            self._expect_runs()

        self._expect_runs(((1,), {}))

    def test_a_discarded_scope_dispatches_nothing(self) -> None:
        """A failed operation must not mail anyone, now or later."""
        task = self.make_task(record)

        with suppress(ZeroDivisionError), self._within(self._scope(verify=True)):
            airlock.enqueue(task, 1)
            raise ZeroDivisionError

        self._expect_runs()

    def test_each_task_has_a_name_of_its_own(self) -> None:
        """Policies, logs and errors tell tasks apart by it."""
        name = airlock.Intent(self.make_task(record)).name
        other = airlock.Intent(self.make_task(record_other)).name

        expect(name != other, f"Two tasks have one name, {name!r}.")

    def test_a_policy_finds_a_task_given_as_itself(self) -> None:
        """A backfill must stop the one task that mails, and no other."""
        task, other = self.make_task(record), self.make_task(record_other)

        with self._within(self._scope(airlock.BlockTasks([task]))):
            airlock.enqueue(task, 1)
            airlock.enqueue(other, 2)

        self._expect_runs(((2,), {}))

    def test_a_policy_finds_a_task_by_its_name(self) -> None:
        """Settings and command lines have nothing but names."""
        task, other = self.make_task(record), self.make_task(record_other)
        name = airlock.Intent(task).name

        with self._within(self._scope(airlock.BlockTasks([name]))):
            airlock.enqueue(task, 1)
            airlock.enqueue(other, 2)

        self._expect_runs(((2,), {}))

    def test_a_plain_callable_runs_in_place(self) -> None:
        """A function can become a task later without touching who enqueues it."""
        need(self.runs_plain_callables, "runs_plain_callables")

        with self._within(self._scope()):
            airlock.enqueue(record, 1, subject="hello")
            expect_equal(list(runs), [], "A plain callable runs when the scope ends.")

        # Not ran(): whatever the workers do, this runs here.
        expected = [((1,), {"subject": "hello"})]
        expect_equal(list(runs), expected, "A plain callable runs in place.")

    def test_what_a_plain_callable_raises_ends_the_flush(self) -> None:
        """It ran here, so here is where it failed."""
        need(self.runs_plain_callables, "runs_plain_callables")

        # An exception of its own: nothing else raises it.
        error = self._expect_failure(lambda _: airlock.enqueue(_fail))

        expect_equal(type(error), ZeroDivisionError, "The exception arrives unchanged.")

    def test_a_valid_option_is_honoured(self) -> None:
        """A priority that nobody sees is worse than none."""
        options = need(self.valid_options, "valid_options")
        task = self.make_task(record)

        with self._within(self._scope()):
            airlock.enqueue(task, 1, _dispatch_options=options)

        is_honoured = self.queued_with(options)
        expect(is_honoured, f"The queue must be told the options {options!r}.")
        self._expect_runs(((1,), {}))

    def test_an_option_and_an_argument_of_one_name_are_kept_apart(self) -> None:
        """A task about priorities still has a priority of its own."""
        options = need(self.valid_options, "valid_options")
        task = self.make_task(record)
        kwargs = {name: "mine" for name in options if name not in self.reserved_names}

        with self._within(self._scope()):
            airlock.enqueue(task, _dispatch_options=options, **kwargs)

        is_honoured = self.queued_with(options)
        expect(is_honoured, f"The queue must be told the options {options!r}.")
        self._expect_runs(((), kwargs))

    def test_an_unknown_option_is_an_error_and_not_an_argument(self) -> None:
        """Misspelt, it would be lost, or surprise the task in the worker."""
        options = need(self.unknown_options, "unknown_options")

        self._expect_failure(
            lambda task: airlock.enqueue(task, 2, _dispatch_options=options)
        )

    def test_an_argument_that_the_queue_cannot_carry_ends_the_flush(self) -> None:
        """What the queue raises must arrive, and not only in a log."""
        argument = need(self.unserialisable, "unserialisable")

        self._expect_failure(lambda task: airlock.enqueue(task, argument))

    def test_only_an_async_executor_returns_an_awaitable(self) -> None:
        """In a plain scope nobody would await it."""
        task = self.make_task(record)
        is_refused = False

        try:
            with airlock.Scope(executor=self.executor()):
                airlock.enqueue(task, 1)
        except airlock.AsyncDispatchError:
            is_refused = True

        expect_equal(is_refused, self.is_async, "An awaitable is returned if is_async.")
        self._expect_runs(*([] if self.is_async else [((1,), {})]))

    def test_an_async_scope_dispatches_too(self) -> None:
        """In order, and within a running event loop."""
        task = self.make_task(record)

        async def request() -> None:
            async with self._scope():
                airlock.enqueue(task, 1)
                airlock.enqueue(task, 2)

        asyncio.run(request())

        self._expect_runs(((1,), {}), ((2,), {}))


def _fail() -> None:
    raise ZeroDivisionError
