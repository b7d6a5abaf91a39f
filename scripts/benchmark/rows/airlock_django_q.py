"""Sending to django-q2, with the queue in a database."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import partial

from benchmark.queue import Queue, own_name, row
from benchmark.row import need_module
from benchmark.task import task


def connect() -> Queue:
    """Return a django-q2 on SQLite, in a file as users have it."""
    need_module("airlock.integrations.executors.django_q")
    set_up()
    from django_q.models import OrmQ  # noqa: PLC0415
    from django_q.tasks import async_task  # noqa: PLC0415

    return Queue(task, "django_q", partial(async_task, task), OrmQ.objects.all().delete)


def set_up() -> None:
    """Configure Django, once in a process."""
    from django.conf import settings  # noqa: PLC0415 - the other side may lack it

    if settings.configured:
        return
    folder = tempfile.mkdtemp(prefix=own_name())
    atexit.register(shutil.rmtree, folder)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": f"{folder}/queue.sqlite3",
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django_q"],
        SECRET_KEY="what is queued is signed with it",  # noqa: S106 - nobody reads it
        Q_CLUSTER={
            "name": own_name(),
            "orm": "default",
            "timeout": 60,
            "retry": 120,
            # Writing a line for each task is no work of the broker.
            "log_level": "WARNING",
        },
    )
    import django  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)


ROWS = (row("django-q2 on its ORM broker, 1000 intents", 0.10, connect),)
