"""Assertions about effects, for the test cases of Django."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import airlock
from airlock import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from unittest import TestCase, TestResult

    from airlock import Intent, Scope

    Base = TestCase
else:
    # It is mixed into Django's classes, which production code does not import.
    Base = object


class AirlockTestMixin(Base):
    """Tell which effects a test enqueued. Put it before the test case of Django.

    Counted is what was enqueued since `setUp` began, in any scope, whether it was
    dispatched, blocked, discarded or rolled back. What another thread enqueues, such
    as that of a live server, is not seen.
    """

    _record: Record

    def __init_subclass__(cls) -> None:
        """Refuse to stand where nothing would be recorded."""
        super().__init_subclass__()
        # Here and below: production code imports this module.
        from unittest import IsolatedAsyncioTestCase, TestCase  # noqa: PLC0415

        order = list(cls.__mro__)
        if TestCase in order and order.index(TestCase) < order.index(AirlockTestMixin):
            raise ArgumentError(
                f"class {cls.__qualname__}",
                "AirlockTestMixin after the test case",
                "it first: class Tests(AirlockTestMixin, TestCase)",
            )
        if IsolatedAsyncioTestCase in order:
            raise ArgumentError(
                f"class {cls.__qualname__}",
                "IsolatedAsyncioTestCase, whose tests run in a context of their own",
                "a test case of Django, which runs `async def` tests too",
            )

    def run(self, result: TestResult | None = None) -> TestResult | None:
        """Run the test, and record what it enqueues."""
        with self._recording():
            return super().run(result)

    def debug(self) -> None:
        """Do so without collecting the result."""
        with self._recording():
            super().debug()

    @contextmanager
    def _recording(self) -> Iterator[None]:
        self._record = Record()
        try:
            with airlock.policy(self._record):
                yield
        finally:
            # The runner keeps the test; the scopes need not stay with it.
            del self._record

    def assertEnqueued(  # noqa: N802 - as unittest names them
        self, task: object, /, *args: object, times: int | None = None, **kwargs: object
    ) -> None:
        """Fail unless an effect was enqueued. See `airlock.testing.assert_enqueued`."""
        __tracebackhide__ = True
        from airlock.testing import assert_enqueued  # noqa: PLC0415

        assert_enqueued(self._record, task, *args, times=times, **kwargs)

    def assertNotEnqueued(  # noqa: N802
        self, task: object, /, *args: object, **kwargs: object
    ) -> None:
        """Fail if an effect was enqueued."""
        __tracebackhide__ = True
        from airlock.testing import assert_not_enqueued  # noqa: PLC0415

        assert_not_enqueued(self._record, task, *args, **kwargs)

    def assertNothingEnqueued(self) -> None:  # noqa: N802
        """Fail if any effect was enqueued."""
        __tracebackhide__ = True
        from airlock.testing import assert_nothing_enqueued  # noqa: PLC0415

        assert_nothing_enqueued(self._record)

    @contextmanager
    def captureIntents(self) -> Iterator[list[Intent]]:  # noqa: N802
        """Keep effects from leaving; yield a list that has them after the block.

        The block is a scope, so that code can be called which needs one. Scopes
        inside it, such as those of requests, judge as ever, and are kept in too.
        """
        captured: list[Intent] = []
        record = Record()
        try:
            with (
                airlock.policy(record),
                airlock.scope(airlock.DropAll(), _cls=airlock.CapturingScope),
            ):
                yield captured
        finally:
            captured += record.intents


class Record(airlock.Policy):
    """What was enqueued, in order; everything may leave."""

    def __init__(self) -> None:
        self._seen: list[tuple[Intent, Scope | None]] = []

    @property
    def intents(self) -> list[Intent]:
        """What the scopes have accepted: a policy further out may have raised."""
        accepted = {
            id(intent)
            for scope in {id(scope): scope for _, scope in self._seen}.values()
            for intent in (scope.intents if scope else ())
        }
        return [intent for intent, _ in self._seen if id(intent) in accepted]

    def on_enqueue(self, intent: Intent) -> None:
        """Note it, with the scope that is about to accept it."""
        self._seen.append((intent, airlock.get_current_scope()))
