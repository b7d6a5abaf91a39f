"""Environments outside the workspace, made by uv."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from layout_tree import Distribution


class Environment:
    """A fresh virtual environment, and a folder outside the workspace to work in."""

    def __init__(self, uv: str, folder: Path, built: Path) -> None:
        self.folder = folder
        self._uv = uv
        self._built = built
        self._python = folder / "environment" / "bin" / "python"
        self.uv("venv", "--python", sys.executable, "environment")

    def uv(self, *arguments: object) -> str:
        """Run uv where it finds no workspace."""
        return run(self._uv, *arguments, folder=self.folder)

    def install(self, members: list[Distribution], *others: str) -> None:
        """Install wheels of ours by their path, and other libraries by name."""
        # By name, an index could offer a stranger's distribution for ours.
        wheels = [wheel_of(found, self._built) for found in members]
        self.uv("pip", "install", "--python", self._python, *wheels, *others)

    def check(self) -> None:
        """Fail if something lacks what it requires."""
        self.uv("pip", "check", "--python", self._python)

    def uninstall(self, name: str) -> None:
        """Remove one distribution and leave what it depends on."""
        self.uv("pip", "uninstall", "--python", self._python, name)

    def python(self, *arguments: object) -> str:
        """Run Python with warnings as errors and return what it prints."""
        return run(self._python, "-W", "error", *arguments, folder=self.folder)


def run(*command: object, folder: Path) -> str:
    """Return what a command prints; fail with it if the command fails."""
    # What is set for this run of the tests would leak into the fresh environment.
    ours = ("COV", "PYTEST", "PYTHON", "VIRTUAL_ENV")
    kept = {key: os.environ[key] for key in os.environ if not key.startswith(ours)}
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with this:\n{done.stdout}"
    return done.stdout


def wheel_of(found: Distribution, built: Path) -> Path:
    """Return the only wheel of a distribution."""
    [wheel] = built.glob(f"{found.name.replace('-', '_')}-*.whl")
    return wheel
