"""The page "Effects of requests and streams": each block does what it says."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path
from django.utils.module_loading import import_string

import airlock
from airlock.integrations.django import AirlockMiddleware, DjangoScope, dispatch_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGES = [
    folder / "docs" / "how-to" / "django-requests.md"
    for folder in Path(__file__).parents
]
PAGE = next(filter(Path.exists, PAGES), None)
TEXT = PAGE.read_text(encoding="utf-8") if PAGE else ""
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.skipif(PAGE is None, reason="the page is not beside these tests"),
    pytest.mark.django_db(transaction=True),
]

sent: list[str] = []
module = ModuleType("page")


@pytest.fixture(autouse=True)
def _receivers() -> Iterator[None]:
    """Those of the page end with it."""
    before = list(dispatch_failed.receivers)
    yield
    dispatch_failed.receivers = before


def expect(names: str) -> None:
    """Check what has been sent since the last time."""
    assert sent == ([] if names == "nothing" else names.split(", "))
    sent.clear()


def fail(what: str) -> None:
    """Be a broker that is away."""
    raise ConnectionError(what)


def respond(
    view: Callable[..., Any],
    *,
    middleware: type[AirlockMiddleware] = AirlockMiddleware,
    **query: int,
) -> Any:
    """Have Django answer a request with a view."""
    module.urlpatterns = [path("", view)]  # type: ignore[attr-defined]
    module.Middleware = middleware  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=module, MIDDLEWARE=["page.Middleware"]):
        if iscoroutinefunction(view):
            return asyncio.run(AsyncClient().get("/", query_params=query))
        client = Client(raise_request_exception=False)
        return client.get("/", query_params=query)


def names() -> dict[str, Any]:
    """Return what the page takes for granted."""
    return {
        "__name__": "page",
        "airlock": airlock,
        "AirlockMiddleware": AirlockMiddleware,
        "asyncio": asyncio,
        "dispatch_failed": dispatch_failed,
        "DjangoScope": DjangoScope,
        "expect": expect,
        "fail": fail,
        "HttpResponse": HttpResponse,
        "missed": [],
        "override_settings": override_settings,
        "partial": partial,
        "receiver": receiver,
        "respond": respond,
        "send": sent.append,
        "StreamingHttpResponse": StreamingHttpResponse,
        "suppress": suppress,
        "transaction": transaction,
    }


def test_the_blocks_send_what_they_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of the page: some use the view of the one before."""
    monkeypatch.setitem(sys.modules, "page", module)
    sent.clear()
    known = names()

    for block in BLOCKS:
        exec(re.sub(r"# sent: (.*)", r"expect('\1')", block), known)  # noqa: S102

    assert sent == []
    # The middleware that prints is one, and the first block is a setting.
    known["log_effects"](lambda _: HttpResponse())(HasScope())
    assert "nothing was enqueued" in capsys.readouterr().out
    assert [import_string(name) for name in known["MIDDLEWARE"]] == [AirlockMiddleware]


class HasScope:
    airlock_scope = airlock.Scope()


def test_the_page_has_blocks() -> None:
    """Otherwise nothing was tested."""
    assert len(BLOCKS) == 9
    assert TEXT.count("# sent: ") == 10
