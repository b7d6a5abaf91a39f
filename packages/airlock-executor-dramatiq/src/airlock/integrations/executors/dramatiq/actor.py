"""What is an actor, in either of the forms that Dramatiq has for them."""

from __future__ import annotations

from typing import Any

from dramatiq import Actor, GenericActor

__all__ = ["actor_of"]


def actor_of(task: object) -> Actor[Any, Any] | None:
    """Return the actor that this is, or None."""
    if isinstance(task, GenericActor):
        # Dramatiq writes it to the object that stands for the class.
        task = vars(task)["__actor__"]
    return task if isinstance(task, Actor) else None
