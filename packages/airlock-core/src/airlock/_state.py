"""Where a scope is in its life, in the words of its errors."""

from enum import Enum

__all__ = ["ACTIVE", "ENDED", "EXITED", "EXITED_ONCE", "NEW", "SINGLE_USE", "State"]


class State(Enum):
    """Where a scope is in its life. The value completes 'a scope that ...'."""

    NEW = "was never entered"
    ACTIVE = "is still active"
    EXITED = "has exited"
    FLUSHED = "is already flushed"
    DISCARDED = "is already discarded"
    VOID = "was inherited through a fork and belongs to the parent process"


# What every enqueue and every exit looks at: to Python 3.11 the name of a member
# costs as much as a call.
NEW, ACTIVE, EXITED = State.NEW, State.ACTIVE, State.EXITED
ENDED = (State.FLUSHED, State.DISCARDED, State.VOID)
EXITED_ONCE = "Enter it first; exit it once, then call `flush()` or `discard()`."
SINGLE_USE = "A scope is used once: open another with `airlock.scope()`."
