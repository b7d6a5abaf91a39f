"""What a beat process imports: a schedule that is due all the time."""

from __future__ import annotations

from worker_app import app
from worker_tasks import old_note

app.conf.beat_schedule = {
    "often": {"task": old_note.name, "schedule": 0.2, "args": ("beat", "due")}
}
