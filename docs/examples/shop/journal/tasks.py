"""What the journal itself queues."""

from queues.choice import queue


@queue.task
def mark() -> None:
    """Do nothing. Once it has run, whatever was queued before it has run too."""
