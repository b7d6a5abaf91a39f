"""Ways to read a response that streams, and what the views of the bakery stream."""

from __future__ import annotations

from typing import Any
from wsgiref.util import FileWrapper

from asgi_exchange import Exchange
from django.core.handlers.wsgi import WSGIHandler
from django.test import AsyncClient, Client, RequestFactory

VIEW = ["deliver barley"]
ALL = [*VIEW, "deliver rye", "deliver spelt", "deliver oat"]


def served(path: str) -> Any:
    """Return what a WSGI server gets: the test client reads in a way of its own."""
    environ = RequestFactory().get(path).environ
    return WSGIHandler()({**environ, "wsgi.file_wrapper": FileWrapper}, _started)


def _started(*given: object) -> Any:
    del given


def asked(path: str) -> Any:
    """Return the response, not read yet."""
    return Client().get(path)


async def asked_async(path: str) -> Any:
    """Do so with an async handler."""
    return await AsyncClient().get(path)


async def streamed(path: str) -> list[bytes]:
    """Read a response to its end, as the ASGI handler does."""
    exchange = Exchange(path)
    await exchange.run()
    return [m["body"] for m in exchange.messages if m.get("body")]
