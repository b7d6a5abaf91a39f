"""One scope per request under ASGI: threads, and executors that are awaited."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from bakery.tasks import bake, bake_slowly, deliver, note_thread
from django.db import transaction
from django.http import HttpResponse
from django.test import AsyncClient, RequestFactory

import airlock
from airlock.integrations.django import AirlockMiddleware, DjangoScope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

    from django.http import HttpRequest
    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)


def test_effects_leave_outside_the_event_loop(baked: list[str]) -> None:
    """An executor may use the database, which the loop forbids."""
    asyncio.run(AsyncClient().get("/async/thread/"))

    assert baked == ["no loop"]


async def _ends_while_the_thread_is_busy(work: Coroutine[Any, Any, object]) -> bool:
    """Tell whether some work ends though the one thread for sync code is taken."""
    busy = threading.Event()
    blocking = asyncio.ensure_future(sync_to_async(busy.wait)())
    await asyncio.sleep(0.01)
    working = asyncio.ensure_future(work)
    await asyncio.sleep(0.05)
    has_ended = working.done()
    busy.set()
    await blocking
    await working
    return has_ended


@pytest.mark.parametrize("is_empty", [True, False])
@pytest.mark.parametrize("scope", ["django", "airlock.Scope"])
def test_a_request_without_effects_needs_no_thread(
    scope: str, baked: list[str], settings: Settings, *, is_empty: bool
) -> None:
    """Most requests."""
    settings.AIRLOCK = {"SCOPE": scope}

    async def get_response(request: HttpRequest) -> HttpResponse:
        del request
        if not is_empty:
            airlock.enqueue(bake, "rye")
        return HttpResponse()

    handling: Any = AirlockMiddleware(get_response)(RequestFactory().get("/"))

    assert asyncio.run(_ends_while_the_thread_is_busy(handling)) is is_empty
    assert baked == ([] if is_empty else ["rye"])


def test_a_request_that_ended_keeps_its_effects(baked: list[str]) -> None:
    """Cancelled while the flush waits for its thread: what was committed counts."""
    busy = threading.Event()

    async def order(request: HttpRequest) -> HttpResponse:
        request.resolver_match = type("Match", (), {"func": order})  # type: ignore[assignment]
        airlock.enqueue(bake, "rye")
        return HttpResponse()

    async def main() -> None:
        blocking = asyncio.ensure_future(sync_to_async(busy.wait)())
        await asyncio.sleep(0.01)
        handling = asyncio.ensure_future(
            AirlockMiddleware(order)(RequestFactory().get("/"))  # type: ignore[arg-type]
        )
        await asyncio.sleep(0.01)
        handling.cancel()
        await asyncio.sleep(0.01)
        busy.set()
        await blocking
        with pytest.raises(asyncio.CancelledError):
            await handling

    asyncio.run(main())

    assert baked == ["rye"]


async def respond(request: HttpRequest) -> HttpResponse:
    """Enqueue what must be awaited, between what need not be."""
    del request
    airlock.enqueue(deliver, "rye")
    airlock.enqueue(bake_slowly, "spelt")
    airlock.enqueue(note_thread)
    return HttpResponse()


def test_what_an_executor_returns_is_awaited_in_order(baked: list[str]) -> None:
    """On the loop of the request, while plain tasks run in the thread."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def where() -> None:
        loops.append(asyncio.get_running_loop())

    async def get_response(request: HttpRequest) -> HttpResponse:
        airlock.enqueue(where)
        loops.append(asyncio.get_running_loop())
        return await respond(request)

    async def main() -> None:
        await AirlockMiddleware(get_response)(RequestFactory().get("/"))  # type: ignore[misc]

    asyncio.run(main())

    assert loops[0] is loops[1]
    assert baked == ["deliver rye", "spelt", "no loop"]


def test_an_awaited_dispatch_that_fails_says_which(baked: list[str]) -> None:
    """As any other: with its note, and what came before has left."""

    async def broken() -> None:
        await asyncio.sleep(0)
        raise ConnectionError("broker away")

    async def main() -> None:
        async with airlock.scope(_cls=DjangoScope):
            airlock.enqueue(deliver, "rye")
            airlock.enqueue(broken)
            airlock.enqueue(deliver, "spelt")

    with pytest.raises(ConnectionError) as caught:
        asyncio.run(main())

    assert "effect 2 of 3" in caught.value.__notes__[0]
    assert baked == ["deliver rye"]


@pytest.mark.parametrize("is_empty", [True, False])
def test_an_async_scope_without_effects_needs_no_thread(
    baked: list[str], *, is_empty: bool
) -> None:
    """`async with`, as in a request."""

    async def work() -> None:
        async with airlock.scope(_cls=DjangoScope):
            if not is_empty:
                airlock.enqueue(bake, "rye")

    assert asyncio.run(_ends_while_the_thread_is_busy(work())) is is_empty
    assert baked == ([] if is_empty else ["rye"])


def test_a_batch_that_waits_for_a_commit_cannot_await(baked: list[str]) -> None:
    """Django commits in a plain function; the error says what to do."""
    with (
        pytest.raises(airlock.AsyncDispatchError, match="commit before the scope ends"),
        transaction.atomic(),
    ):
        scope = airlock.scope(_cls=DjangoScope).enter()
        airlock.enqueue(bake_slowly, "rye")
        scope.exit()
        async_to_sync(scope.aflush)()

    assert baked == []


def test_a_plain_scope_class_flushes_in_a_thread_too(
    baked: list[str], settings: Settings
) -> None:
    """`AIRLOCK["SCOPE"]` names it; it refuses what would have to be awaited."""
    settings.AIRLOCK = {"SCOPE": "airlock.Scope"}

    asyncio.run(AsyncClient().get("/async/thread/"))

    assert baked == ["no loop"]


def test_a_sync_request_refuses_what_would_have_to_be_awaited(baked: list[str]) -> None:
    """There is no loop: select an executor that hands it to a queue."""

    def get_response(request: HttpRequest) -> HttpResponse:
        del request
        airlock.enqueue(bake_slowly, "rye")
        return HttpResponse()

    with pytest.raises(airlock.AsyncDispatchError, match="hands the task to a queue"):
        AirlockMiddleware(get_response)(RequestFactory().get("/"))

    assert baked == []


def test_an_executor_of_the_projects_own_is_awaited(
    baked: list[str], settings: Settings
) -> None:
    """`AIRLOCK["TASK_BACKEND"]` may be a coroutine function."""

    async def send(intent: airlock.Intent) -> None:
        await asyncio.sleep(0)
        baked.append(f"sent {intent.args[0]}")

    def choose(intent: airlock.Intent) -> Awaitable[None]:
        return send(intent)

    settings.AIRLOCK = {"TASK_BACKEND": choose}

    asyncio.run(AsyncClient().get("/async/order/200/"))

    assert baked == ["sent rye"]
