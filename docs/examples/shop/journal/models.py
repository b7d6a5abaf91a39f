"""What is remembered: scopes, their effects, and what the consumer ran."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models


class Boundary(models.Model):
    """A scope that ended with something in its buffer."""

    origin = models.CharField(max_length=200)
    verdict = models.TextField()
    flushed = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.origin


class Effect(models.Model):
    """One intent of a scope, and what `scope.report()` says of it."""

    boundary = models.ForeignKey(
        Boundary, on_delete=models.CASCADE, related_name="effects"
    )
    call = models.CharField(max_length=200)
    outcome = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    queue_id = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.what_happened} {self.call}"

    @property
    def what_happened(self) -> str:
        """The outcome, and the reason if there is one."""
        return f"{self.outcome} {self.reason}:" if self.reason else self.outcome


class Run(models.Model):
    """One task in the consumer: the only process that writes here."""

    queue_id = models.CharField(max_length=40, unique=True)
    call = models.CharField(max_length=200)
    outcome = models.TextField(blank=True)
    failed = models.BooleanField(default=False)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.call}: {self.outcome}"


def call_text(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Return a task and its arguments as they would be written in code."""
    given = [repr(value) for value in args]
    given += [f"{key}={value!r}" for key, value in kwargs.items()]
    # Airlock writes "module:function", and Celery "module.function".
    function = name.replace(":", ".").rpartition(".")[2]
    return f"{function}({', '.join(given)})"
