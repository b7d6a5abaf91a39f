"""What type checkers accept and refuse; nothing here runs.

Both checkers warn of an ignore that is not needed, so a line that carries one is
proven to be refused, and every other line to be accepted.
"""

from __future__ import annotations

import functools
from typing import Any

import airlock


def send_email(user_id: int, *, subject: str = "") -> None: ...
def collide(task: int, policy: str, self: str, name: str, args: int) -> None: ...
def many(a: int, b: str, c: int, d: str, e: int = 0) -> None: ...
def optional(a: int = 0, b: dict[str, int] | None = None) -> None: ...
def variadic(*numbers: int, **named: str) -> None: ...
async def coroutine(number: int) -> None: ...


class Callback:
    """A task object: an instance that is called."""

    name = "callback"

    def __call__(self, number: int) -> str:
        return str(number)


def callback() -> None: ...


untyped: Any = send_email
options: dict[str, Any] = {"queue": "low"}

# Without options.
airlock.enqueue(send_email, 1)
airlock.enqueue(send_email, user_id=1, subject="hi")
airlock.enqueue(collide, task=1, policy="", self="", name="", args=1)
airlock.enqueue(many, 1, "b", 3, "d", 5)
airlock.enqueue(variadic, 1, 2, 3, key="word")
airlock.enqueue(coroutine, 1)
airlock.enqueue(Callback(), 1)
airlock.enqueue(lambda: None)
airlock.enqueue(functools.partial(send_email, 1))
airlock.enqueue(untyped, 1, 2, anything=3)
airlock.enqueue(print, "a", "b", sep="")

# With options and origin.
airlock.enqueue(send_email, 1, _dispatch_options=options)
airlock.enqueue(send_email, user_id=1, subject="hi", _dispatch_options=options)
airlock.enqueue(send_email, 1, subject="hi", _dispatch_options=options, _origin="x")
airlock.enqueue(send_email, 1, _origin="signup")
airlock.enqueue(send_email, 1, _origin=None, _dispatch_options=None)
airlock.enqueue(collide, 1, policy="", self="", name="", args=1, _origin="x")
airlock.enqueue(many, 1, "b", c=3, d="d", _dispatch_options=options)
airlock.enqueue(many, 1, "b", 3, d="d", _dispatch_options=options)
airlock.enqueue(many, 1, "b", 3, "d", 5, _dispatch_options=options)
airlock.enqueue(many, 1, "b", 3, "d", 5, _origin="x")
airlock.enqueue(optional, 1, {}, _dispatch_options=options)
airlock.enqueue(variadic, 1, 2, 3, key="word", _dispatch_options=options)
airlock.enqueue(coroutine, 1, _dispatch_options=options)
airlock.enqueue(Callback(), 1, _dispatch_options=options)
airlock.enqueue(untyped, 1, anything=3, _dispatch_options=options)

# Refused: an argument of the task is never taken for an option.
airlock.enqueue(send_email, 1, {"subject": "hi"})  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(send_email, 1, None)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(callback, {"queue": "low"})  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(optional, {"a": 1})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
airlock.enqueue(send_email, 1, options, _origin="x")  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]

# Refused without options.
airlock.enqueue(send_email, user_idd=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(send_email)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(send_email, "one")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
airlock.enqueue(send_email, 1, 2)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(send_email, 1, subject=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
airlock.enqueue(many, 1, "b", "c", "d")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
airlock.enqueue(variadic, 1, key=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
airlock.enqueue(coroutine, "one")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
airlock.enqueue(Callback(), "one")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
airlock.enqueue("send_email", 1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
airlock.enqueue(send_email(1))  # type: ignore[call-overload, func-returns-value]  # pyright: ignore[reportArgumentType, reportCallIssue]

# Refused with options.
airlock.enqueue(send_email, user_idd=1, _dispatch_options=options)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(send_email, _dispatch_options=options)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
airlock.enqueue(send_email, "one", _dispatch_options=options)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportArgumentType]
airlock.enqueue(send_email, 1, 2, _dispatch_options=options)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
airlock.enqueue(send_email, 1, subject=3, _origin="x")  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportArgumentType]
airlock.enqueue(many, 1, "b", "c", d="d", _origin="x")  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportArgumentType]
airlock.enqueue(coroutine, "one", _dispatch_options=options)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportArgumentType]
airlock.enqueue(send_email, 1, _dispatch_options=3)  # type: ignore[call-arg]  # pyright: ignore[reportArgumentType]
airlock.enqueue(send_email, 1, _origin=3)  # type: ignore[call-arg]  # pyright: ignore[reportArgumentType]
airlock.enqueue(send_email, 1, _dispatch_option={})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
