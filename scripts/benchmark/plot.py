"""Draw the cost of one intent against how many there are in one scope."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

MARKERS = {"airlock": "o", "airlock-py": "s", "on_commit(partial)": "^"}


def main(folder: Path) -> None:
    """Draw each file of numbers into axes of its own."""
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    measured = [each for each in found if each["curve"]]
    if not measured:
        raise SystemExit(
            f"bench-plot: {folder} holds no numbers to draw. Expected what "
            f"scripts/bench writes without --only: run that first, or name its folder."
        )
    plt.rcParams["svg.hashsalt"] = "airlock"  # Or each drawing differs in its names.
    figure, row = plt.subplots(
        1, len(measured), figsize=(5.5 * len(measured), 4), sharey=True, squeeze=False
    )
    for axes, each in zip(row[0], measured, strict=True):
        draw(axes, each)
    row[0][0].set_ylabel("time for each intent")
    row[0][0].legend()
    figure.tight_layout()
    for kind in ("png", "svg"):
        figure.savefig(folder / f"plot.{kind}", dpi=150, metadata=metadata(kind))


def draw(axes: Any, measured: dict[str, Any]) -> None:  # noqa: ANN401 - untyped
    """Draw one line for each side."""
    points = measured["curve"]
    for line, marker in MARKERS.items():
        drawn = [(p["intents"], p[line] / 1000) for p in points if line in p]
        axes.plot(*zip(*drawn, strict=True), marker=marker, label=line)
    axes.set(xscale="log", yscale="log", xlabel="intents in one scope")
    axes.set_title(f"Python {measured['about']['python']}")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda us, _: f"{us:g} µs"))
    axes.grid(visible=True, which="both", alpha=0.3)


def metadata(kind: str) -> dict[str, None]:
    """Leave the date out: the same numbers make the same file."""
    return {"Date": None} if kind == "svg" else {}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
