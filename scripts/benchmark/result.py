"""What came of one row."""

from __future__ import annotations

from statistics import median
from typing import Any, NamedTuple

__all__ = ["Result"]


class Result(NamedTuple):
    """The rounds of both sides of a row, or why there are none."""

    title: str
    against: str
    unit: str
    goal: float
    ours: list[float]
    baseline: list[float]
    missing: str = ""

    @property
    def ratio(self) -> float:
        """Ours over the baseline, each at its best: noise only ever adds."""
        return min(self.ours) / min(self.baseline)

    @property
    def is_met(self) -> bool:
        """Whether the goal is met, at the precision that the table shows."""
        return bool(self.missing) or round(self.ratio, 2) <= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return all of it, with every round."""
        shown = self._asdict()
        if not self.missing:
            shown |= {"ratio": self.ratio, "is_met": self.is_met}
        return shown


def spread(numbers: list[float]) -> float:
    """Return how far the middle round is above the best one, as a fraction."""
    return median(numbers) / min(numbers) - 1
