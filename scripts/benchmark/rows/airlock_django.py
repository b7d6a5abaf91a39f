"""What a request costs, and what it costs to wait for a transaction."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import airlock
from benchmark.row import Row
from benchmark.task import per, task

if TYPE_CHECKING:
    from benchmark.row import Round

REQUESTS = 300
# So many intents in all, whatever the number in each transaction.
INTENTS = 1000


def set_up() -> None:
    """Configure Django, once in a process."""
    from django.conf import settings  # noqa: PLC0415 - the other side may lack it

    if settings.configured:
        return
    settings.configure(
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        },
        INSTALLED_APPS=["airlock.integrations.django"],
    )
    import django  # noqa: PLC0415

    django.setup()


def middleware() -> Round:
    """Answer requests that enqueue nothing."""
    set_up()
    from django.http import HttpResponse  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    from airlock.integrations.django import AirlockMiddleware  # noqa: PLC0415

    response, request = HttpResponse(), RequestFactory().get("/")
    handle = AirlockMiddleware(lambda _: response)

    def work() -> None:
        for _ in range(REQUESTS):
            handle(request)

    return lambda: per(REQUESTS, work)


def tied(intents: int) -> Round:
    """Enqueue in a transaction; the intents leave after it."""
    set_up()
    from django.db import transaction  # noqa: PLC0415

    from airlock.integrations.django import DjangoScope  # noqa: PLC0415

    def work() -> None:
        for _ in range(INTENTS // intents):
            with airlock.scope(_cls=DjangoScope), transaction.atomic():
                for number in range(intents):
                    airlock.enqueue(task, number)

    return lambda: per(INTENTS, work)


def on_commit(intents: int) -> Round:
    """Register callbacks in a transaction; Django calls them after it."""
    set_up()
    from django.db import transaction  # noqa: PLC0415

    def work() -> None:
        for _ in range(INTENTS // intents):
            with transaction.atomic():
                for number in range(intents):
                    transaction.on_commit(partial(task, number))

    return lambda: per(INTENTS, work)


ROWS = (
    Row("Django middleware, no intents", 0.25, middleware),
    *(
        Row(
            f"Django, {intents} in `atomic()`",
            goal,
            partial(tied, intents),
            partial(on_commit, intents),
            against="on_commit(partial)",
        )
        for intents, goal in ((1, 1.5), (10, 1.15), (1000, 1.0))
    ),
)
