"""What a beat process under the global intercept imports."""

from __future__ import annotations

import worker_intercepted  # noqa: F401 - it installs the intercept
from worker_app import app, note

app.conf.beat_schedule = {
    "often": {"task": note.name, "schedule": 0.2, "args": ("beat", "due")}
}
