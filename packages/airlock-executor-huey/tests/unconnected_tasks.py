"""A task of a RedisHuey, which no test connects."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from huey import RedisHuey

huey = RedisHuey("unconnected", host="127.0.0.1", port=1)


@huey.task()
def send(*args: object) -> None:
    """Be a task."""
