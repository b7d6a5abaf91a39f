"""One scope per request, through Django's real handlers and test clients."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bakery.models import Order
from django.db import connection
from django.test import AsyncClient, Client

import airlock

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("status", [200, 201, 204, 302, 304, 399])
def test_effects_leave_after_a_good_response(status: int, baked: list[str]) -> None:
    """1xx, 2xx and 3xx are success."""
    Client().get(f"/order/{status}/")

    assert baked == ["rye"]


@pytest.mark.parametrize("status", [400, 404, 422, 500, 503])
def test_effects_are_dropped_after_an_error_response(
    status: int, baked: list[str]
) -> None:
    """4xx and 5xx are failure."""
    Client().get(f"/order/{status}/")

    assert baked == []


def test_effects_are_dropped_when_the_view_raises(baked: list[str]) -> None:
    """Django answers 500; the customer is not mailed."""
    response = Client(raise_request_exception=False).get("/crash/")

    assert response.status_code == 500
    assert baked == []
    assert airlock.get_current_scope() is None


def test_any_base_exception_settles_the_scope(baked: list[str]) -> None:
    """A server that is shut down must not leave a scope behind."""
    with pytest.raises(KeyboardInterrupt):
        Client().get("/leave/")

    assert baked == []
    assert airlock.get_current_scope() is None


def test_with_atomic_requests_effects_leave_after_the_commit(
    baked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole view is one transaction; an asterisk would show it open."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", value=True)

    Client().get("/order/200/")

    assert baked == ["rye"]
    assert Order.objects.count() == 1


def test_a_request_without_effects_passes(baked: list[str]) -> None:
    """Most requests."""
    assert Client().get("/browse/").status_code == 200
    assert baked == []


def test_the_request_carries_its_scope() -> None:
    """Views and other middlewares look at the buffer through it."""
    assert Client().get("/look/").content == b"bakery.tasks:bake"


@pytest.mark.parametrize(("status", "expected"), [(200, ["rye"]), (302, [])])
def test_a_subclass_decides_by_the_response(
    status: int, expected: list[str], baked: list[str], settings: Settings
) -> None:
    """The specification's own example: only 2xx."""
    settings.MIDDLEWARE = ["bakery.middleware.OnlySuccess"]

    Client().get(f"/order/{status}/")

    assert baked == expected


def test_a_decision_that_fails_discards(baked: list[str], settings: Settings) -> None:
    """Neither sent by accident nor left open."""
    settings.MIDDLEWARE = ["bakery.middleware.Undecided"]

    with pytest.raises(LookupError):
        Client().get("/order/200/")

    assert baked == []
    assert airlock.get_current_scope() is None


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("/async/order/200/", 200, ["rye"]),
        ("/async/order/404/", 404, []),
        ("/async/crash/", 500, []),
        ("/async/browse/", 200, []),
        ("/order/200/", 200, ["rye"]),
        ("/crash/", 500, []),
    ],
)
def test_under_asgi_views_of_both_kinds_have_a_scope(
    path: str, status: int, expected: list[str], baked: list[str]
) -> None:
    """The handler is async there; the dispatch runs where sync code may."""
    client = AsyncClient(raise_request_exception=False)

    response = asyncio.run(client.get(path))

    assert response.status_code == status
    assert baked == expected


@pytest.mark.parametrize(("query", "status"), [("", 200), ("?raise", 500)])
def test_a_view_may_end_its_scope_itself(
    query: str, status: int, baked: list[str]
) -> None:
    """The middleware then has nothing left to do, and hides no other error."""
    response = Client(raise_request_exception=False).get(f"/settle/{query}")

    assert response.status_code == status
    assert baked == []


def test_a_request_follows_what_the_process_configured(baked: list[str]) -> None:
    """A test suite that configures a policy means the real boundaries too."""
    with airlock.configure(policy=airlock.DropAll()):
        Client().get("/order/200/")

    assert baked == []


def test_a_decision_in_a_coroutine_is_refused_at_start(settings: Settings) -> None:
    """Nobody would await it, and effects of failed requests would leave."""
    settings.MIDDLEWARE = ["bakery.middleware.Deferring"]

    with pytest.raises(airlock.ArgumentError, match=r"Deferring\.should_flush\(\)"):
        Client().get("/browse/")


def test_a_decision_that_fails_discards_under_asgi_too(
    baked: list[str], settings: Settings
) -> None:
    """Both handlers settle alike."""
    settings.MIDDLEWARE = ["bakery.middleware.Undecided"]

    with pytest.raises(LookupError):
        asyncio.run(AsyncClient().get("/async/order/200/"))

    assert baked == []
