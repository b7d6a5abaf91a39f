"""Shared by all tests of the distribution."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# The tests import their helpers wherever this folder lies, also beside a wheel.
sys.path.insert(0, str(Path(__file__).parent))

# The suite on real workers takes minutes, which is too long for every run of the tests:
# scripts/celery-matrix runs it, on both brokers, and says what became of each case.
if os.environ.get("AIRLOCK_CELERY_WORKERS") != "1":
    collect_ignore_glob = ["test_worker_*.py"]
