"""What the flush of one intent costs."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import airlock
from benchmark.row import Row
from benchmark.task import ignore, per, task

if TYPE_CHECKING:
    from airlock import Policy
    from benchmark.row import Round

INTENTS = 1000


def flushing(*local: Policy, policy: Policy | None = None) -> Round:
    """Flush what was enqueued inside regions of local policies."""

    def measure() -> float:
        scope = airlock.Scope(policy=policy or airlock.AllowAll(), executor=ignore)
        scope.enter()
        with ExitStack() as stack:
            for each in local:
                stack.enter_context(airlock.policy(each))
            for number in range(INTENTS):
                airlock.enqueue(task, number)
        scope.exit()
        return per(INTENTS, scope.flush)

    return measure


HUNDRED = airlock.BlockTasks({f"shop.tasks:task_{number}" for number in range(100)})
ALLOWING = (airlock.AllowAll(),) * 3

ROWS = (
    Row("flush, no local policy", 0.85, flushing),
    Row("flush, 3 local policies", 0.90, partial(flushing, *ALLOWING)),
    Row("flush, BlockTasks of 100 names", 0.80, partial(flushing, policy=HUNDRED)),
)
