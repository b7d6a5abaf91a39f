"""Where transactions began: in which thread, and in the course of which code.

Connections belong to threads, and coroutines do not. asgiref runs one that sync code
calls, as Django does each `async def` receiver of a signal, in another thread than its
caller's. What it has around it travels along in context variables, there and back.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from threading import RLock, get_ident
from typing import TYPE_CHECKING
from weakref import ref

from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ATTRIBUTE = "_airlock_beginning"


class Beginning:
    """When a connection went out of autocommit.

    Args:
        connection: Referred to weakly: contexts may outlive it.
    """

    __slots__ = ("_reference", "lock", "thread")

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._reference = ref(connection)
        self.thread = get_ident()
        # A task may outlive its caller, and enqueue while that ends the transaction.
        self.lock = RLock()
        setattr(connection, ATTRIBUTE, self)

    def connection(self) -> BaseDatabaseWrapper | None:
        """Return the connection if it has not gone back since."""
        connection = self._reference()
        return connection if getattr(connection, ATTRIBUTE, None) is self else None


_around: ContextVar[tuple[Beginning, ...]] = ContextVar("airlock_around", default=())


def connections_around() -> Iterator[BaseDatabaseWrapper]:
    """Yield those that this code, or what called it, took out of autocommit.

    None of them goes back until the next one is asked for.
    """
    for beginning in _around.get():
        with beginning.lock:
            connection = beginning.connection()
            if connection is not None:
                yield connection


def thread_of(connection: BaseDatabaseWrapper) -> int:
    """Return the thread in which its transaction began."""
    beginning: Beginning | None = getattr(connection, ATTRIBUTE, None)
    # One that began before this was imported is not told of.
    return get_ident() if beginning is None else beginning.thread


def note_beginnings() -> None:
    """Wrap what all ways to begin a transaction lead to, once per process."""
    # Django has no signal for this.
    wrapped = _noting(BaseDatabaseWrapper.set_autocommit)
    setattr(BaseDatabaseWrapper, "set_autocommit", wrapped)  # noqa: B010 - a method


def _noting(set_autocommit: Callable[..., None]) -> Callable[..., None]:
    @wraps(set_autocommit)
    def set_and_note(
        self: BaseDatabaseWrapper,
        autocommit: bool,  # noqa: FBT001 - as Django's own
        *args: object,
        **options: object,
    ) -> None:
        before: Beginning | None = getattr(self, ATTRIBUTE, None)
        was = self.autocommit
        if before is not None:
            with before.lock:
                setattr(self, ATTRIBUTE, None)
        try:
            set_autocommit(self, autocommit, *args, **options)
        except BaseException:
            if self.autocommit == was:
                # Refused, as in `atomic()`: nothing has ended.
                setattr(self, ATTRIBUTE, before)
            raise
        around = _around.get()
        # Every transaction comes here: most begin where there is nothing around.
        if around:
            around = tuple([each for each in around if each.connection() is not None])
        _around.set(around if autocommit else (*around, Beginning(self)))

    return set_and_note
