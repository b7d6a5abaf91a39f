"""What one `enqueue` costs."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import airlock
from benchmark.row import Row
from benchmark.task import ignore, per, task, watching

if TYPE_CHECKING:
    from airlock import Policy
    from benchmark.row import Round

INTENTS = 1000


def enqueueing(*local: Policy, policy: Policy | None = None) -> Round:
    """Enqueue, inside regions of local policies."""

    def work() -> None:
        enqueue = airlock.enqueue
        for number in range(INTENTS):
            enqueue(task, number)

    def measure() -> float:
        with ExitStack() as stack:
            stack.enter_context(airlock.scope(policy, executor=ignore))
            for each in local:
                stack.enter_context(airlock.policy(each))
            return per(INTENTS, work)

    return measure


# Those that are used as local policies: to silence a region, to let some tasks pass.
STOCK = (airlock.DropAll(), airlock.BlockTasks({"elsewhere"}), airlock.AllowAll())

ROWS = (
    Row("enqueue, no local policy", 0.30, enqueueing),
    Row("enqueue, 1 local policy", 0.30, partial(enqueueing, *STOCK[:1])),
    Row("enqueue, 3 local policies", 0.30, partial(enqueueing, *STOCK)),
    Row(
        "enqueue, the scope's policy has its own `on_enqueue`",
        0.55,
        partial(enqueueing, policy=watching()),
    ),
    Row(
        "enqueue, a local policy has its own `on_enqueue`",
        0.55,
        partial(enqueueing, watching()),
    ),
)
