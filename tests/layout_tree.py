"""Reading the tree: what the rules about its layout are asked about."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
CORE = "airlock-core"


class Distribution(NamedTuple):
    """One folder of packages/, and what its pyproject.toml declares."""

    folder: Path
    project: dict[str, Any]
    build_requires: list[str]

    @property
    def name(self) -> str:
        return str(self.project["name"])

    @property
    def src(self) -> Path:
        return self.folder / "src"

    @property
    def is_core(self) -> bool:
        return self.name == CORE

    @property
    def files(self) -> list[Path]:
        """Every file it installs, relative to src/."""
        return [
            path.relative_to(self.src)
            for path in sorted(self.src.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        ]

    @property
    def modules(self) -> list[Path]:
        """Every Python file it installs."""
        return [self.src / path for path in self.files if path.suffix == ".py"]

    @property
    def entry_points(self) -> list[tuple[str, str, str]]:
        """Group, name and target of each plugin."""
        groups: dict[str, dict[str, str]] = self.project.get("entry-points", {})
        return [
            (group, name, target)
            for group, entries in groups.items()
            for name, target in entries.items()
        ]

    @property
    def requirements(self) -> list[str]:
        """What it needs, always or with an extra."""
        extras: dict[str, list[str]] = self.project.get("optional-dependencies", {})
        optional = [line for lines in extras.values() for line in lines]
        return [*self.project.get("dependencies", []), *optional]


def read(path: Path) -> dict[str, Any]:
    """Return what a TOML file says."""
    return tomllib.loads(path.read_text())


def distributions(root: Path) -> list[Distribution]:
    """Return every member of the workspace, core first."""
    found = []
    for path in sorted(root.glob("packages/*/pyproject.toml")):
        declared = read(path)
        found.append(
            Distribution(
                path.parent, declared["project"], declared["build-system"]["requires"]
            )
        )
    return sorted(found, key=lambda distribution: not distribution.is_core)


def core(root: Path) -> Distribution:
    """Return the distribution that the others depend on."""
    return next(found for found in distributions(root) if found.is_core)


def siblings(root: Path) -> list[Distribution]:
    """Return every member of the workspace but core."""
    return [found for found in distributions(root) if not found.is_core]
