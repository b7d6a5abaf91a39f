"""What the scripts say when they cannot do what was asked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize("mode", [[], ["--lowest"]])
def test_a_python_that_uv_refuses_is_met_with_the_versions_that_work(
    copy: Path, uv: str, mode: list[str]
) -> None:
    """The reader has just typed a version, and no pyproject.toml has changed."""
    path = f"{Path(uv).parent}{os.pathsep}{os.environ['PATH']}"

    refused = subprocess.run(
        [copy / "scripts/test", "--python", "2.7", *mode],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 1
    assert "2.7" in refused.stderr
    assert "3.11 or newer is expected, and installed" in refused.stderr
