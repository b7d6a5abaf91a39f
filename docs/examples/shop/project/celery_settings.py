"""The same project, with Celery in the place of Huey."""

from project.settings import *  # noqa: F403 - all but what follows
from project.settings import AIRLOCK, INSTALLED_APPS

SHOP_QUEUE = "queues.celery"

AIRLOCK = {**AIRLOCK, "TASK_BACKEND": "celery"}

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "huey.contrib.djhuey"]
