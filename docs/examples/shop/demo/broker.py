"""The broker that Celery is to use: one that answers."""

from kombu.connection import Connection
from kombu.utils.url import maybe_sanitize_url

from demo.child import DemoError

USUAL = ("redis://127.0.0.1:6379/0", "amqp://guest:guest@127.0.0.1:5672//")
TIMEOUT = 2


def find_broker(chosen: str | None) -> str:
    """Return the address of the broker that was chosen, or of one on this machine.

    Raises:
        DemoError: If none answers.
    """
    problems = []
    for address in (chosen,) if chosen else USUAL:
        problem = _problem(address)
        if problem is None:
            return address
        problems.append(problem)
    raise DemoError(
        f"--celery needs a Redis or RabbitMQ, and none answers: {'; '.join(problems)}. "
        f"Start one, such as `docker run --rm -p 6379:6379 redis`, or name another: "
        f"SHOP_BROKER=redis://host:6379/0. Without --celery the demo needs no server."
    )


def _problem(address: str) -> str | None:
    timeouts = {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT}
    options = timeouts if address.startswith("redis") else {}
    try:
        with Connection(
            address, connect_timeout=TIMEOUT, transport_options=options
        ) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            connection.default_channel  # noqa: B018 - only that speaks to a Redis
    except Exception as error:  # noqa: BLE001 - each transport has its own
        return f"{maybe_sanitize_url(address)} ({error})"
    return None
