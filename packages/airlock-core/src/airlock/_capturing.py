"""A scope that keeps what scopes inside it would send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock._scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airlock._intent import Intent

__all__ = ["CapturingScope"]


class CapturingScope(Scope):
    """Let nothing leave before this scope ends: the outermost boundary rules.

    What scopes inside it flush comes here, in order, once their policies have
    judged it, and keeps the executor of the scope it was enqueued in. At the end
    this scope's policy judges it too.
    """

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Sequence[Intent]:
        """Keep everything."""
        del exiting_scope, intents
        return []

    @property
    def own_intents(self) -> list[Intent]:
        """What was enqueued in this scope itself."""
        return [i for i in self._intents if id(i) not in self._captured]

    @property
    def captured_intents(self) -> list[Intent]:
        """What came from scopes inside this one."""
        return [i for i in self._intents if id(i) in self._captured]
