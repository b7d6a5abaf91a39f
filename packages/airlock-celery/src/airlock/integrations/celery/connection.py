"""An open connection that a call was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kombu.connection import Connection

from airlock.integrations.executors.celery import CeleryOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refuse_other_broker"]

_PROBLEM = (
    "an open connection to another broker than that of the app, which cannot be kept "
    "until the scope flushes"
)
_REMEDY = "Enqueue a function that opens its own connection and publishes there."


def refuse_other_broker(called: Any, live: Mapping[str, Any]) -> None:  # noqa: ANN401 - Celery is untyped
    """Raise unless the message reaches the same broker without the connections.

    Raises:
        CeleryOptionError: If it would not.
    """
    for option, value in live.items():
        if value is not None and not _leads_to_broker_of(called.app, value):
            raise CeleryOptionError(called.name, option, _PROBLEM, _REMEDY)


def _leads_to_broker_of(app: Any, value: Any) -> bool:  # noqa: ANN401
    # Of a connection it would be what it has on the wire, opened for that.
    connection = value if isinstance(value, Connection) else value.connection
    return _address(connection) == _address(app.connection_for_write())


def _address(connection: Connection) -> object:
    # One that failed over to another of several brokers still names them all.
    return connection.alt or connection.as_uri(include_password=True)
