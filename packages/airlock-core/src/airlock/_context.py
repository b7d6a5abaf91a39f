"""The context variables: what is current in this thread, task or greenlet."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airlock._accounting import Accounting
    from airlock._region import Region
    from airlock._scope import Scope

__all__ = ["current_account", "current_region", "current_scope"]

current_scope: ContextVar[Scope | None] = ContextVar("airlock_scope", default=None)
current_region: ContextVar[Region] = ContextVar("airlock_region", default=((), (), ()))
current_account: ContextVar[Accounting | None] = ContextVar(
    "airlock_account", default=None
)
