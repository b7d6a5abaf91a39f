"""What airlock warns of, rather than raise."""

from warnings import warn

__all__ = ["warn_of_abandonment", "warn_of_order"]


def warn_of_abandonment(scope: object) -> None:
    """Warn, where the last reference to a scope went, that it did not end."""
    warn(
        f"{scope!r} was abandoned: its effects were neither dispatched nor dropped on "
        f"purpose. End every scope with flush() or discard(), or use `with`.",
        ResourceWarning,
        stacklevel=3,
        source=scope,
    )


def warn_of_order() -> None:
    """Warn, at the caller's caller, that an inner scope is still active."""
    warn(
        "A scope exited while a scope opened inside it is still active. Both settle, "
        "but effects enqueued from here on go to the inner one: exit scopes in the "
        "reverse order of entering them.",
        RuntimeWarning,
        stacklevel=3,
    )
