"""`AirlockTestMixin`, in the test cases of Django and as their runner runs them."""

from __future__ import annotations

import subprocess
import sys
import unittest
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from asgiref.sync import sync_to_async
from bakery.models import Order, breads, order, order_unless_bad
from bakery.tasks import bake, deliver, done
from django.db import transaction
from django.test import (
    SimpleTestCase,
    TestCase,
    TransactionTestCase,
    override_settings,
)

import airlock
from airlock import ArgumentError
from airlock.integrations.django import AirlockTestMixin, DjangoScope

if TYPE_CHECKING:
    from collections.abc import Callable


def enqueue_both() -> None:
    """Enqueue in two scopes of their own."""
    with airlock.scope(airlock.DropAll()):
        airlock.enqueue(bake, "rye")
    with airlock.scope(airlock.DropAll()):
        airlock.enqueue(deliver, "rye")


class InTestCase(AirlockTestMixin, TestCase):
    databases: ClassVar[set[str]] = {"default", "archive"}  # type: ignore[misc]

    @classmethod
    def setUpTestData(cls) -> None:
        with airlock.scope(airlock.DropAll()):
            order("of the class", "default")

    def setUp(self) -> None:
        done.clear()

    def test_a_request(self) -> None:
        """It was enqueued, and has left."""
        self.client.get("/order/200/")

        self.assertEnqueued(bake, "rye", times=1)
        self.assertEnqueued(bake)
        self.assertNotEnqueued(bake, "spelt")
        assert done == ["rye"]

    def test_a_request_that_fails(self) -> None:
        """What was asked for is told, whatever became of it."""
        self.client.get("/order/500/")

        self.assertEnqueued(bake, "rye")
        assert done == []

    def test_a_rollback(self) -> None:
        """As above: `scope.rolled_back` tells the rest."""
        with airlock.scope(_cls=DjangoScope), transaction.atomic():
            for bread in ("rye", "bad"):
                order_unless_bad(bread, "default")

        self.assertEnqueued(bake, "rye", times=1)
        self.assertEnqueued(bake, "bad", times=1)
        assert done == ["rye"]

    def test_two_databases(self) -> None:
        """No matter which of them was written to."""
        with airlock.scope(_cls=DjangoScope):
            order("rye", "archive")
            order("spelt", "default")

        self.assertEnqueued(bake, times=2)

    def test_nothing(self) -> None:
        """What the data of the class enqueued is no part of the test."""
        self.assertNothingEnqueued()

    def test_scopes_inside_scopes(self) -> None:
        """Each effect counts once, though the outer one captures it."""
        with airlock.scope(airlock.DropAll(), _cls=airlock.CapturingScope):
            with airlock.scope():
                airlock.enqueue(deliver, "rye")

        self.assertEnqueued(deliver, "rye", times=1)

    def test_a_local_policy(self) -> None:
        """It drops the effect, which was enqueued."""
        with airlock.scope(), airlock.policy(airlock.DropAll()):
            airlock.enqueue(deliver, "rye")

        self.assertEnqueued(deliver, "rye")
        assert done == []

    def test_what_a_scope_refuses(self) -> None:
        """It was not enqueued."""
        with airlock.scope(airlock.AssertNoEffects()):
            with pytest.raises(airlock.PolicyViolation):
                airlock.enqueue(deliver, "rye")

        self.assertNothingEnqueued()

    def test_no_scope(self) -> None:
        """The mixin opens none: the test sees what production would."""
        with pytest.raises(airlock.NoScopeError):
            airlock.enqueue(deliver, "rye")

        self.assertNothingEnqueued()

    def test_capturing(self) -> None:
        """Code that needs a scope has one, and nothing leaves."""
        with self.captureIntents() as captured:
            order("rye", "default")
            self.client.get("/order/200/")

        assert [intent.args for intent in captured] == [("rye",), ("rye",)]
        assert done == []
        assert breads("default") == ["of the class", "rye", "rye"]
        self.assertEnqueued(bake, times=2)

    def test_capturing_a_part(self) -> None:
        """What comes before and after is not in it."""
        with airlock.scope():
            airlock.enqueue(deliver, "oat")
            with self.captureIntents() as captured:
                airlock.enqueue(deliver, "rye")
            airlock.enqueue(deliver, "spelt")

        assert [intent.args for intent in captured] == [("rye",)]
        assert done == ["deliver oat", "deliver spelt"]

    def test_capturing_what_fails(self) -> None:
        """What it had enqueued is in the list."""
        with pytest.raises(ValueError, match="oven"):
            with self.captureIntents() as captured:
                airlock.enqueue(deliver, "rye")
                raise ValueError("oven")

        assert len(captured) == 1
        assert done == []

    def test_capturing_in_an_open_transaction(self) -> None:
        """Nothing is left behind to leave at its commit."""
        with transaction.atomic(), self.captureIntents() as captured:
            with airlock.scope(_cls=DjangoScope):
                order("rye", "default")

        assert len(captured) == 1
        assert done == []

    async def test_a_coroutine(self) -> None:
        """Asynchronous views and their threads take the context with them."""
        await self.async_client.get("/async/order/200/")
        async with airlock.scope(airlock.DropAll()):
            await sync_to_async(airlock.enqueue)(deliver, "rye")

        self.assertEnqueued(bake, "rye", times=1)
        self.assertEnqueued(deliver, "rye", times=1)

    @override_settings(AIRLOCK={"DEFAULT_POLICY": "drop_all"})
    def test_a_setting_keeps_effects_in(self) -> None:
        """A project may do so for all its tests: they were enqueued."""
        self.client.get("/order/200/")

        self.assertEnqueued(bake, "rye")
        assert done == []


class InSimpleTestCase(AirlockTestMixin, SimpleTestCase):
    def test_a_scope(self) -> None:
        """It needs no database."""
        enqueue_both()

        self.assertEnqueued(bake, "rye", times=1)


class InTransactionTestCase(AirlockTestMixin, TransactionTestCase):
    def test_a_transaction(self) -> None:
        """As in production."""
        done.clear()
        with airlock.scope(_cls=DjangoScope), transaction.atomic():
            Order.objects.create(bread="rye")

        self.assertEnqueued(bake, "rye")
        assert done == ["rye"]


def failures_of(test: Callable[[Any], None]) -> list[str]:
    """Run a test with Django's runner; return what failed in it."""

    class Tests(AirlockTestMixin, SimpleTestCase):
        def setUp(self) -> None:
            enqueue_both()

        def test_it(self) -> None:
            test(self)

    result = unittest.TestResult()
    Tests("test_it")(result)
    assert result.errors == []
    assert result.testsRun == 1
    return [text for _, text in result.failures]


def test_set_up_is_part_of_the_test() -> None:
    """What it enqueues counts."""
    assert failures_of(lambda self: self.assertEnqueued(deliver)) == []


@pytest.mark.parametrize(
    ("test", "problem"),
    [
        (
            lambda self: self.assertEnqueued(bake, "spelt"),
            "bakery.tasks:bake('spelt') was never enqueued",
        ),
        (
            lambda self: self.assertEnqueued(bake, times=2),
            "bakery.tasks:bake was enqueued once; expected 2 times",
        ),
        (
            lambda self: self.assertNotEnqueued(bake),
            "bakery.tasks:bake was enqueued once; expected never",
        ),
        (
            lambda self: self.assertNothingEnqueued(),
            "Expected that nothing is enqueued, got 2",
        ),
    ],
)
def test_a_failure_shows_what_was_enqueued(
    test: Callable[[Any], None], problem: str
) -> None:
    """Instead, closest first."""
    [text] = failures_of(test)

    assert problem in text
    assert "1. bakery.tasks:bake('rye')" in text


def test_each_test_begins_with_nothing() -> None:
    """The same object may run twice, and without collecting a result."""

    class Tests(AirlockTestMixin, SimpleTestCase):
        def test_it(self) -> None:
            self.assertNothingEnqueued()
            enqueue_both()

    test = Tests("test_it")

    test.debug()
    test.debug()


def test_the_mixin_comes_first() -> None:
    """Elsewhere the test case would never call it, and nothing be recorded."""
    with pytest.raises(ArgumentError, match=r"class Tests\(AirlockTestMixin, TestCase"):

        class Tests(SimpleTestCase, AirlockTestMixin): ...


def test_a_context_of_its_own_is_refused() -> None:
    """There nothing would be recorded, and nothing be found to be enqueued."""
    with pytest.raises(ArgumentError, match="which runs `async def` tests too"):

        class Tests(AirlockTestMixin, unittest.IsolatedAsyncioTestCase): ...


def test_production_does_not_import_what_tests_need() -> None:
    """The mixin is imported with everything else."""
    code = (
        "import sys; from airlock.integrations.django import AirlockTestMixin; "
        "print({'airlock.testing', 'django.test', 'unittest'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"


def test_the_mixin_may_be_extended_without_a_test_case() -> None:
    """A project's own mixin brings it along."""

    class Own(AirlockTestMixin): ...

    class Tests(Own, SimpleTestCase):
        def test_it(self) -> None:
            self.assertNothingEnqueued()

    Tests("test_it").debug()
