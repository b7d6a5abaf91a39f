"""What the journal itself queues."""

from huey.contrib.djhuey import task


@task()
def mark() -> None:
    """Do nothing. Once it has run, whatever was queued before it has run too."""
