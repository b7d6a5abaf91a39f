"""Shared by all tests of the distribution."""

from __future__ import annotations

import sys
from pathlib import Path

# The tests import their helpers wherever this folder lies, also beside a wheel.
sys.path.insert(0, str(Path(__file__).parent))
