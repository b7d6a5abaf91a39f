"""Views that order bread, and end in every way a view can end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpResponse

import airlock
from bakery.middleware import Mendable
from bakery.models import Order
from bakery.models import order as place
from bakery.tasks import bake, note_thread

if TYPE_CHECKING:
    from django.http import HttpRequest


def order(request: HttpRequest, status: int) -> HttpResponse:
    """Order rye in a transaction and answer with the status asked for."""
    del request
    with transaction.atomic():
        Order.objects.create(bread="rye")
    return HttpResponse(status=status)


def crash(request: HttpRequest) -> HttpResponse:
    """Order rye, then raise."""
    del request
    Order.objects.create(bread="rye")
    raise RuntimeError("oven on fire")


def undone(request: HttpRequest, using: str) -> HttpResponse:
    """Order rye, ask for a rollback of what is around the view, and answer 200."""
    del request
    place(bread="rye", using=using)
    transaction.set_rollback(True, using)
    return HttpResponse()


def undone_block(request: HttpRequest, using: str) -> HttpResponse:
    """Do so in a transaction of its own, and order spelt after it."""
    with transaction.atomic(using):
        undone(request, using)
    place("spelt", using)
    return HttpResponse()


def mended(request: HttpRequest, using: str) -> HttpResponse:
    """Fail in a way that a middleware knows an answer to."""
    del request
    with transaction.atomic(using):
        place("rye", using)
        raise Mendable


def leave(request: HttpRequest) -> HttpResponse:
    """Order rye, then raise what no handler turns into a response."""
    del request
    Order.objects.create(bread="rye")
    raise KeyboardInterrupt


def look(request: HttpRequest) -> HttpResponse:
    """Answer with what the scope of this request holds."""
    Order.objects.create(bread="rye")
    scope: airlock.Scope = request.airlock_scope  # type: ignore[attr-defined]
    assert scope is airlock.get_current_scope()
    return HttpResponse(", ".join(intent.name for intent in scope.intents))


def settle(request: HttpRequest) -> HttpResponse:
    """Order rye, end the scope by hand, and raise if asked to."""
    Order.objects.create(bread="rye")
    scope: airlock.Scope = request.airlock_scope  # type: ignore[attr-defined]
    scope.exit()
    scope.discard()
    if "raise" in request.GET:
        raise RuntimeError("oven on fire")
    return HttpResponse()


def browse(request: HttpRequest) -> HttpResponse:
    """Order nothing."""
    del request
    return HttpResponse()


async def order_async(request: HttpRequest, status: int) -> HttpResponse:
    """Order rye from a coroutine."""
    del request
    await sync_to_async(Order.objects.create)(bread="rye")
    return HttpResponse(status=status)


async def undone_async(request: HttpRequest, using: str) -> HttpResponse:
    """Order from a coroutine, in the thread that the database lives in."""
    await sync_to_async(undone_block)(request, using)
    return HttpResponse()


async def crash_async(request: HttpRequest) -> HttpResponse:
    """Enqueue from a coroutine, then raise."""
    del request
    airlock.enqueue(bake, "rye")
    raise RuntimeError("oven on fire")


async def note_thread_async(request: HttpRequest) -> HttpResponse:
    """Enqueue what tells the thread that it runs in."""
    del request
    airlock.enqueue(note_thread)
    return HttpResponse()


async def browse_async(request: HttpRequest) -> HttpResponse:
    """Order nothing."""
    del request
    return HttpResponse()
