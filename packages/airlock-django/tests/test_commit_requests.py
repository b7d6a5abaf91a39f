"""Requests whose work is rolled back, though the response is a success."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync
from bakery.models import breads
from django.db import connections
from django.test import AsyncClient, Client

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture
def _atomic_requests(using: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each view in a transaction on this database."""
    monkeypatch.setitem(connections.settings[using], "ATOMIC_REQUESTS", True)


@pytest.mark.usefixtures("_atomic_requests")
def test_a_view_in_a_transaction_that_asks_for_its_rollback(
    using: str, baked: list[str]
) -> None:
    """`ATOMIC_REQUESTS` and `set_rollback(True)`: the answer is 200 all the same."""
    response = Client().get(f"/undone/{using}/")

    assert response.status_code == 200
    assert baked == breads(using) == []


@pytest.mark.usefixtures("_atomic_requests")
def test_a_savepoint_of_a_view_in_a_transaction(using: str, baked: list[str]) -> None:
    """Its rollback takes nothing else along."""
    response = Client().get(f"/undone/{using}/block/")

    assert response.status_code == 200
    assert baked == breads(using) == ["spelt"]


def test_a_transaction_of_a_view_that_asks_for_its_rollback(
    using: str, baked: list[str]
) -> None:
    """Without `ATOMIC_REQUESTS` the rest of the view is in autocommit."""
    response = Client().get(f"/undone/{using}/block/")

    assert response.status_code == 200
    assert baked == breads(using) == ["spelt"]


def test_an_async_view_with_a_transaction_in_a_thread(
    using: str, baked: list[str]
) -> None:
    """The transaction is the thread's, and the scope is the request's."""
    response = async_to_sync(AsyncClient().get)(f"/async/undone/{using}/")

    assert response.status_code == 200
    assert baked == breads(using) == ["spelt"]


@pytest.mark.parametrize("is_atomic", [True, False])
def test_a_middleware_that_turns_a_failed_view_into_a_success(
    using: str, baked: list[str], settings: Settings, *, is_atomic: bool
) -> None:
    """`process_exception` answers 200 for what was rolled back."""
    settings.MIDDLEWARE = [
        "airlock.integrations.django.AirlockMiddleware",
        "bakery.middleware.Mending",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections.settings[using], "ATOMIC_REQUESTS", is_atomic)
        response = Client().get(f"/mended/{using}/")

    assert (response.status_code, response.content) == (200, b"mended")
    assert baked == breads(using) == []
