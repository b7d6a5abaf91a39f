"""Effects that could not be dispatched, where that is not to be raised."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airlock.integrations.django.naming import counted
from django.dispatch import Signal

if TYPE_CHECKING:
    from airlock import Scope

logger = logging.getLogger("airlock.dispatch")

# Sent with `sender`, the class of the scope; `scope`; `error`, what the executor
# raised; and `undispatched`, the intents that did not leave, in order.
dispatch_failed = Signal()


def tell(scope: Scope, error: Exception) -> None:
    """Log that a dispatch failed, and send `dispatch_failed`."""
    log(scope, error)
    # A receiver that raises must not hide the failure, nor become one.
    dispatch_failed.send_robust(
        sender=type(scope), scope=scope, error=error, undispatched=scope.undispatched
    )


def log(scope: Scope, error: Exception | None) -> None:
    """Log that a dispatch failed, with the name of everything that did not leave."""
    undispatched = scope.undispatched
    logger.error(
        "Dispatching effects failed. %d did not leave: %s",
        len(undispatched),
        counted(undispatched),
        exc_info=error,
    )
