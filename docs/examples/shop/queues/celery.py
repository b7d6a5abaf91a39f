"""Celery, on the Redis or RabbitMQ of which SHOP_BROKER is the address."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airlock.integrations.celery import AirlockTask
from celery import Celery, signals
from django.conf import settings
from kombu.entity import Queue

from queues.choice import Listener

# Nobody else uses it, and no two runs of the demo share it.
NAME = settings.DATA.name
EXPIRES = 600
QUEUE = Queue(NAME, routing_key=NAME, expires=EXPIRES)

BROKER = os.environ.get("SHOP_BROKER", "redis://127.0.0.1:6379/0")
IS_REDIS = BROKER.startswith("redis")

# Every task is a boundary of its own.
app = Celery("shop", broker=BROKER, task_cls=AirlockTask)
app.conf.update(
    imports=["shop.tasks", "journal.tasks"],
    task_queues=[QUEUE],
    task_default_queue=NAME,
    task_ignore_result=True,
    # A worker takes one task after another: what it has not begun is in the queue.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # Nothing is left behind under names that others use.
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
if IS_REDIS:
    PREFIX = f"{NAME}:"
    app.conf.broker_transport_options = {"global_keyprefix": PREFIX}

# The pool "solo" has one worker: tasks end in the order in which they were queued.
CONSUMER = (
    *("celery", "-A", "queues.celery", "worker", "--pool=solo", "--loglevel=WARNING"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
)


def task(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a task of the app."""
    made: Callable[..., Any] = app.task(function)
    return made


def send(task: Any) -> str:
    """Queue the task in Celery's own way."""
    return str(task.delay().id)


def pending() -> int:
    """Ask the broker."""
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        # Declared anew: for Redis, a queue that is empty does not exist.
        arguments = channel.prepare_queue_arguments({}, expires=EXPIRES)
        declared = channel.queue_declare(
            queue=NAME, durable=True, auto_delete=False, arguments=arguments
        )
        return int(declared.message_count)


def tell(listener: Listener) -> None:
    """Connect the signals of Celery."""

    @signals.before_task_publish.connect(weak=False)
    def queued(headers: Mapping[str, Any], **_: Any) -> None:
        listener.queued(headers["id"])

    @signals.task_prerun.connect(weak=False)
    def started(
        task_id: str,
        task: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        **_: Any,
    ) -> None:
        listener.started(task_id, task.name, args, kwargs)

    @signals.task_postrun.connect(weak=False)
    def ended(task_id: str, retval: Any, **_: Any) -> None:
        error = retval if isinstance(retval, BaseException) else None
        listener.ended(task_id, retval, error)


def remove() -> None:
    """Delete the queue, and all that goes with it on Redis."""
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        QUEUE(channel).delete()
        if IS_REDIS:
            # The client adds the prefix to what it deletes, but not to what it finds.
            found = channel.client.scan_iter(f"{PREFIX}*")
            for key in list(found):
                channel.client.delete(key.decode().removeprefix(PREFIX))
