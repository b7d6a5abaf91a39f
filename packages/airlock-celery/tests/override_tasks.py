"""Classes of a project that take part in publishing, before they are intercepted."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task

# What was sent by way of an override: the name of the task, and its options.
sent: list[tuple[str, dict[str, Any]]] = []


class Publishing:
    """Take part by way of a helper, whose frame is the project's own."""

    name: str

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Send with a priority."""
        return self._send(args, kwargs, priority=3, **options)

    def _send(self, args: Any, kwargs: Any, **options: Any) -> Any:
        sent.append((self.name, options))
        return super().apply_async(args, kwargs, **options)  # type: ignore[misc]


class Tracing(Task):  # type: ignore[misc]
    """Take part as tracing tools do."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """Send with a header."""
        sent.append((self.name, options))
        return super().apply_async(*args, **{**options, "headers": {"trace": "1"}})


class Tenants(Celery):  # type: ignore[misc]
    """Take part for all tasks of the app."""

    def send_task(self, name: str, *args: Any, **options: Any) -> Any:
        """Send with a header."""
        return self._send(name, *args, **options)

    def _send(self, name: str, *args: Any, **options: Any) -> Any:
        sent.append((name, options))
        return super().send_task(name, *args, **options)
