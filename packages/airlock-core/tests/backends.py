"""Runs a test under every event loop: asyncio, and trio through anyio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Run: TypeAlias = Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]

T = TypeVar("T")


def run_asyncio(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function under asyncio."""
    return asyncio.run(main())


def run_trio(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function under trio, or skip the test without it."""
    anyio = pytest.importorskip("anyio", reason="no anyio, through which trio is run")
    pytest.importorskip("trio", reason="no trio to run under")
    result: T = anyio.run(main, backend="trio")
    return result


everywhere = pytest.mark.parametrize(
    "run",
    [pytest.param(run_asyncio, id="asyncio"), pytest.param(run_trio, id="trio")],
)


async def pause() -> None:
    """Let other tasks run, whatever the event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        import trio

        await trio.lowlevel.checkpoint()
    else:
        await asyncio.sleep(0)
