"""Views that order bread, and end in every way a view can end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpResponse

import airlock
from bakery.models import Order
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
