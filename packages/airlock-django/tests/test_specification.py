"""The Python blocks of the specification that are about Django.

Each test names the heading its block stands under.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from bakery.executors import custom_executor, handed
from bakery.models import Order
from bakery.tasks import bake, deliver
from django.core.management import call_command
from django.db import transaction
from django.test import Client

import airlock
from airlock import Intent, Scope, _execute
from airlock.integrations.django import AirlockMiddleware, DjangoScope

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)


def test_on_commit_runs_at_once_without_a_transaction(baked: list[str]) -> None:
    """### `transaction.on_commit()`: what airlock is an alternative to.

    Called outside a transaction it runs the effect immediately; a scope keeps it
    to the end in both cases.
    """
    transaction.on_commit(lambda: bake("rye"))
    assert baked == ["rye"]

    baked.clear()
    with airlock.scope(_cls=DjangoScope):
        airlock.enqueue(bake, "rye")
        assert baked == []
    assert baked == ["rye"]


@pytest.mark.parametrize(
    ("status", "expected"), [(200, ["rye"]), (302, ["rye"]), (404, []), (500, [])]
)
def test_setup(
    status: int, expected: list[str], baked: list[str], settings: Settings
) -> None:
    """### Setup: one line in MIDDLEWARE; 1xx, 2xx and 3xx flush."""
    settings.MIDDLEWARE = ["airlock.integrations.django.AirlockMiddleware"]

    Client().get(f"/order/{status}/")

    assert baked == expected


def test_settings(baked: list[str], settings: Settings) -> None:
    """### Settings: the documented dict, value by value."""
    settings.AIRLOCK = {
        # Default policy - dotted path or callable
        "DEFAULT_POLICY": "airlock.AllowAll",
        # Defer to transaction.on_commit()
        "USE_ON_COMMIT": True,
        # Database alias for on_commit
        "DATABASE_ALIAS": "default",
        # Task executor: dotted path to executor callable, or None for sync
        "TASK_BACKEND": None,
    }

    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(bake, "rye")
        assert baked == []

    assert baked == ["rye"]


def test_task_backend_is_a_dotted_path(settings: Settings) -> None:
    """### Settings: "myapp.executors.custom_executor" is your custom executor."""
    settings.AIRLOCK = {"TASK_BACKEND": "bakery.executors.custom_executor"}
    handed.clear()

    with airlock.scope(_cls=DjangoScope):
        airlock.enqueue(bake, "rye")

    assert handed == ["bakery.tasks:bake"]


def test_an_explicit_executor_ignores_the_setting(
    baked: list[str], settings: Settings
) -> None:
    """### Settings: an executor can always be passed explicitly."""
    settings.AIRLOCK = {"TASK_BACKEND": "bakery.executors.custom_executor"}
    handed.clear()

    with airlock.scope(_cls=DjangoScope, executor=custom_executor):
        airlock.enqueue(bake, "rye")

    assert handed == ["bakery.tasks:bake"]
    assert baked == []


def test_custom_flush_behavior(baked: list[str], settings: Settings) -> None:
    """### Custom flush behavior: a subclass of the middleware decides."""
    from bakery.middleware import OnlySuccess

    assert issubclass(OnlySuccess, AirlockMiddleware)
    settings.MIDDLEWARE = ["bakery.middleware.OnlySuccess"]

    Client().get("/order/302/")
    assert baked == []
    Client().get("/order/200/")
    assert baked == ["rye"]


def test_management_commands(baked: list[str]) -> None:
    """### Management commands: with `--dry-run` all enqueued effects are dropped."""
    call_command("order", "--dry-run")
    assert baked == []

    call_command("order")
    assert baked == ["rye"]


def test_django_scope(baked: list[str]) -> None:
    """### DjangoScope: used directly, dispatch is deferred to the commit."""
    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")
        assert baked == []

    assert baked == ["deliver rye"]


def test_any_executor_without_transaction_semantics() -> None:
    """### Using django-q: an executor with a plain scope does not wait."""
    handed.clear()

    with transaction.atomic():
        with airlock.scope(executor=custom_executor):
            airlock.enqueue(bake, "rye")
        assert handed == ["bakery.tasks:bake"]


def test_scope_says_when_and_whether_to_flush(baked: list[str]) -> None:
    """### Scope = When and Whether to Flush: the transaction-aware scope."""
    with transaction.atomic():
        with airlock.scope(_cls=DjangoScope):
            order = Order(bread="rye")
            order.save()
            airlock.enqueue(deliver, order.bread)
        assert baked == []

    assert baked == ["rye", "deliver rye"]


def test_composing_extension_points(caplog: pytest.LogCaptureFixture) -> None:
    """## Composing Extension Points: class, executor and policy together."""
    handed.clear()
    caplog.set_level(logging.INFO, logger="airlock")

    with transaction.atomic():
        with airlock.scope(
            _cls=DjangoScope,  # When: defer to on_commit
            executor=custom_executor,  # How
            policy=airlock.LogOnFlush(),  # What: log everything
        ):
            airlock.enqueue(bake, "rye")
        assert handed == []

    assert handed == ["bakery.tasks:bake"]
    [record] = caplog.records
    assert "bakery.tasks:bake" in record.getMessage()


def test_a_scope_deferred_by_hand(baked: list[str]) -> None:
    """### `Scope._dispatch_all(intents)`: the block with `transaction.on_commit`."""

    class DeferredScope(Scope):
        """Defer dispatch to transaction.on_commit()."""

        def _dispatch_all(self, intents: list[Intent]) -> None:
            def do_dispatch() -> None:
                for intent in intents:
                    _execute(intent)

            transaction.on_commit(do_dispatch)

    with transaction.atomic():
        with airlock.scope(_cls=DeferredScope):
            airlock.enqueue(bake, "rye")
        assert baked == []

    assert baked == ["rye"]
