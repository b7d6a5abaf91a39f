"""A Django project with airlock and Huey, on SQLite. Celery is one file further."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from huey import SqliteHuey

if "SHOP_DATA" not in os.environ:
    msg = (
        "SHOP_DATA is not set. The shop keeps its databases in the folder that it "
        "names: run scripts/demo, which makes one, or export SHOP_DATA=$(mktemp -d)."
    )
    raise ImproperlyConfigured(msg)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(os.environ["SHOP_DATA"])

INSTALLED_APPS = [
    "airlock.integrations.django",
    "huey.contrib.djhuey",
    "shop",
    "journal",
]

# One scope per request. The journal's classes extend airlock's so that the page and
# the demo can show what became of each effect. Without a journal, write here
# "airlock.integrations.django.AirlockMiddleware", and no SCOPE below.
MIDDLEWARE = ["journal.middleware.JournalMiddleware"]

AIRLOCK = {
    "TASK_BACKEND": "huey",
    "SCOPE": "journal.scope.JournalScope",
}

# The module that the shop imports its queue from: see project/celery_settings.py.
SHOP_QUEUE = "queues.huey"
HUEY = SqliteHuey("shop", filename=str(DATA / "queue.db"))


def _sqlite(name: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / f"{name}.db",
        # The server, the consumer and commands write to one file: they wait for
        # each other, and readers for nobody.
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        },
    }


DATABASES = {
    "default": {**_sqlite("shop"), "ATOMIC_REQUESTS": True},
    # Apart, so that a request which is rolled back stays in the journal.
    "journal": _sqlite("journal"),
}
DATABASE_ROUTERS = ["journal.router.JournalRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"

PAYMENT_URL = os.environ.get("SHOP_PAYMENT_URL", "http://127.0.0.1:8001/")

ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "project.urls"
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
]
USE_TZ = True
TIME_ZONE = "UTC"
