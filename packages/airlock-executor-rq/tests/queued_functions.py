"""Functions that a worker can import, and that record."""

from __future__ import annotations

import asyncio
from typing import Any

ran: list[Any] = []


def notify(*args: Any, **kwargs: Any) -> None:
    """Remember the arguments."""
    ran.append((args, kwargs))


def invoice(order: int) -> str:
    """Take exactly one argument."""
    ran.append(order)
    return f"invoice for {order}"


async def greet(name: str) -> None:
    """Need an event loop, which a worker makes."""
    await asyncio.sleep(0)
    ran.append(name)


class Report:
    """A value with methods, which RQ pickles."""

    def __init__(self, month: str) -> None:
        self.month = month

    def __call__(self, copies: int) -> None:
        """Be called."""
        ran.append((self.month, copies))

    def send(self, copies: int) -> None:
        """Be a bound method."""
        ran.append((self.month, copies))

    @classmethod
    def of_today(cls) -> None:
        """Be a method of the class."""
        ran.append(cls.__name__)

    @staticmethod
    def nothing() -> None:
        """Be a function inside a class."""
        ran.append("nothing")
