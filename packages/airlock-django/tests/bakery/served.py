"""The bakery behind a real server: what it does can be read in a folder."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

import airlock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.http import HttpRequest

FOLDER = Path(os.environ["BAKERY_FOLDER"])
PATIENCE = 20.0

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "db"}
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["bakery"],
    LOGGING={
        "version": 1,
        "formatters": {"plain": {"format": "{name}: {message}", "style": "{"}},
        "handlers": {
            "file": {
                "class": "logging.FileHandler",
                "filename": FOLDER / "log",
                "formatter": "plain",
            }
        },
        "loggers": {"airlock": {"handlers": ["file"]}},
    },
    MIDDLEWARE=["airlock.integrations.django.AirlockMiddleware"],
    ROOT_URLCONF="bakery.served",
    SECRET_KEY="only for tests",  # noqa: S106 - nothing is secret here
)
django.setup()


def note(line: str) -> None:
    """Be an effect."""
    with (FOLDER / "effects").open("a") as effects:
        effects.write(f"{line}\n")


def mark(name: str) -> None:
    """Tell the test that something has happened."""
    (FOLDER / name).touch()


def store(bread: str) -> None:
    """Store an order, with its effect, in a transaction."""
    from bakery.models import Order

    with transaction.atomic():
        Order.objects.bulk_create([Order(bread=bread)])
        airlock.enqueue(note, bread)


def order(request: HttpRequest) -> HttpResponse:
    """Order rye."""
    store("rye")
    return HttpResponse(status=int(request.GET.get("status", "200")))


async def order_async(request: HttpRequest) -> HttpResponse:
    """Order rye from a coroutine."""
    await sync_to_async(store)("rye")
    return HttpResponse(status=int(request.GET.get("status", "200")))


def slow(request: HttpRequest) -> HttpResponse:
    """Order when the test says so."""
    mark("begun")
    deadline = time.monotonic() + PATIENCE
    while not (FOLDER / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return order(request)


async def slow_async(request: HttpRequest) -> HttpResponse:
    """Order, then take long."""
    await sync_to_async(store)("rye")
    mark("begun")
    await asyncio.sleep(PATIENCE)
    return HttpResponse(request.path)


def chunks() -> Iterator[str]:
    """Make two chunks, with an effect each."""
    for bread in ("rye", "spelt"):
        store(bread)
        yield bread


async def chunks_async() -> AsyncIterator[str]:
    """Do so in a coroutine."""
    for bread in ("rye", "spelt"):
        await sync_to_async(store)(bread)
        yield bread


def endless() -> Iterator[bytes]:
    """Make chunks as long as there is a client."""
    while True:
        airlock.enqueue(note, "never")
        yield b"x" * 65536
        time.sleep(0.01)


async def endless_async() -> AsyncIterator[bytes]:
    """Do so in a coroutine."""
    while True:
        airlock.enqueue(note, "never")
        yield b"x" * 65536
        await asyncio.sleep(0.01)


urlpatterns = [
    path("order/", order),
    path("async/order/", order_async),
    path("slow/", slow),
    path("async/slow/", slow_async),
    path("stream/", lambda _: StreamingHttpResponse(chunks())),
    path("async/stream/", lambda _: StreamingHttpResponse(chunks_async())),
    path("endless/", lambda _: StreamingHttpResponse(endless())),
    path("async/endless/", lambda _: StreamingHttpResponse(endless_async())),
]

wsgi = get_wsgi_application()
asgi = get_asgi_application()

if __name__ == "__main__":
    # Before the server starts: some import this where a loop runs already.
    call_command("migrate", run_syncdb=True, verbosity=0)
