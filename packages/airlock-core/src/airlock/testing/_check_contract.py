"""What the `check()` of an executor must do, if it has one."""

from __future__ import annotations

import airlock
from airlock.testing._bench import ContractBench, need
from airlock.testing._hooks import Run, record, record_pair

__all__ = ["CheckContract"]


class CheckContract(ContractBench):
    """The rules about finding at the enqueue what would fail at the flush."""

    def test_checking_lets_pass_what_can_be_dispatched_and_sends_nothing(self) -> None:
        """It runs at each enqueue, where nothing is decided yet."""
        self._need_check()
        task = self.make_task(record)

        expected: list[Run] = []
        for options in (None, self.valid_options):
            with self._within(self._scope(verify=True)):
                airlock.enqueue(task, 1, subject="hello", _dispatch_options=options)

                self._expect_runs(*expected)
            expected.append(((1,), {"subject": "hello"}))
            self._expect_runs(*expected)

    def test_checking_refuses_arguments_that_the_task_does_not_take(self) -> None:
        """The line that wrote them is known here, and not in the worker."""
        self._need_check()
        task = self.make_task(record_pair)

        self._expect_refusal(task, 1)
        self._expect_refusal(task, 1, 2, 3)
        self._expect_refusal(task, 1, second=2, third=3)

        with self._within(self._scope(verify=True)):
            airlock.enqueue(task, 1, second=2)
        self._expect_runs(((1, 2), {}))

    def test_checking_refuses_an_unknown_option(self) -> None:
        """As the flush would, but at the line that wrote it."""
        self._need_check()
        options = need(self.unknown_options, "unknown_options")

        self._expect_refusal(self.make_task(record), 1, _dispatch_options=options)

    def test_checking_refuses_an_argument_that_the_queue_cannot_carry(self) -> None:
        """As the flush would, but at the line that wrote it."""
        self._need_check()
        argument = need(self.unserialisable, "unserialisable")

        self._expect_refusal(self.make_task(record), argument)
