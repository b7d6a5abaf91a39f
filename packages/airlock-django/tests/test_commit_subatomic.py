"""Under the package django-subatomic, which runs callbacks in tests by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bakery.models import breads, order

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from collections.abc import Callable

subatomic: Any = pytest.importorskip(
    "django_subatomic.db", reason="django-subatomic needs Python 3.12"
)


def work(using: str, left: list[str], registered: Callable[[], None]) -> None:
    """Order rye, fail to order oat, and order spelt after the transaction."""
    with airlock.scope(_cls=DjangoScope):
        with subatomic.transaction(using=using):
            order("rye", using)
            subatomic.run_after_commit(registered, using=using)
            with (
                pytest.raises(ValueError, match="bad"),
                subatomic.savepoint(using=using),
            ):
                order("oat", using)
                raise ValueError("bad")
            with airlock.scope(_cls=DjangoScope):
                order("corn", using)
            assert left == []
        order("spelt", using)


def test_its_transactions_and_savepoints_count(using: str, baked: list[str]) -> None:
    """They are made of `atomic()`."""
    work(using, baked, lambda: baked.append("callback"))

    assert baked == ["corn", "callback", "rye", "spelt"]
    assert breads(using) == ["rye", "corn", "spelt"]


def test_its_callbacks_in_a_test_case(wrapped: str, baked: list[str]) -> None:
    """It refuses callbacks that are left over: there must be none of ours."""
    work(wrapped, baked, lambda: baked.append("callback"))
    work(wrapped, [], lambda: baked.append("callback"))

    assert baked == ["corn", "callback", "rye", "spelt"] * 2
