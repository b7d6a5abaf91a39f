"""A process that measures one side of one row, a round for each line it reads.

Waiting for its turn it costs the other side nothing, so that both can be measured
alternately, each in an environment of its own.
"""

from __future__ import annotations

import gc
import json
import sys

from benchmark.curve import CURVE
from benchmark.row import UnavailableError
from benchmark.rows import ROWS

__all__ = ["main"]

# What it may be asked for.
MAKERS = {
    **{f"ours: {row.title}": row.ours for row in ROWS},
    **{f"baseline: {row.title}": row.baseline or row.ours for row in ROWS},
    **CURVE,
}


def main(key: str) -> None:
    """Set up; then measure once for each line of input, and print the result."""
    try:
        measure = MAKERS[key]()
    except UnavailableError as error:
        tell({"unavailable": str(error)})
        return
    tell({"ready": True})
    for _ in sys.stdin:
        # What the round before left behind is not this one's to clear away.
        gc.collect()
        tell({"took": measure()})


def tell(answer: dict[str, object]) -> None:
    """Print one line for the process that compares."""
    print(json.dumps(answer), flush=True)  # noqa: T201 - the other process reads it


if __name__ == "__main__":
    main(sys.argv[1])
