"""The scope whose effects wait for the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock import Outcome, Scope
from airlock.integrations.django.settings import (
    default_policy,
    task_executor,
    transaction_alias,
)
from django.db import transaction

if TYPE_CHECKING:
    from airlock import Executor, Intent, Policy


class DjangoScope(Scope):
    """Dispatch after the transaction that is open at flush commits.

    If it rolls back, nothing leaves; with no transaction open, dispatch is
    immediate. ``AIRLOCK["USE_ON_COMMIT"] = False`` turns the waiting off.

    Args:
        policy: Judges each intent. By default ``AIRLOCK["DEFAULT_POLICY"]``.
        executor: Dispatches each intent. By default ``AIRLOCK["TASK_BACKEND"]``.

    Raises:
        ImproperlyConfigured: If a setting that is needed is wrong.
        PluginError: If a given policy or executor is not to be had.
    """

    def __init__(
        self,
        policy: Policy | str | None = None,
        *,
        executor: Executor | str | None = None,
    ) -> None:
        super().__init__(
            default_policy() if policy is None else policy,
            executor=task_executor() if executor is None else executor,
        )
        # Now and not at flush: by then the rows may be committed.
        self._alias = transaction_alias()

    def _dispatch_all(self, intents: list[Intent]) -> None:
        dispatch = super()._dispatch_all
        if intents and self._alias is not None and _is_open(self._alias):
            self._mark(Outcome.WAITING, intents, "for the transaction to commit")
            transaction.on_commit(lambda: dispatch(intents), using=self._alias)
            return
        dispatch(intents)


def _is_open(alias: str) -> bool:
    # A connection that nothing has used yet has no transaction to wait for, and
    # on_commit() would open it to find that out.
    return transaction.get_connection(alias).connection is not None
