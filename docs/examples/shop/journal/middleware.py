"""The middleware that tells the journal about requests."""

from typing import Any

from airlock.integrations.django import AirlockMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from journal.origin import origin


class JournalMiddleware(AirlockMiddleware):
    """Name each request and what became of it."""

    def __call__(self, request: HttpRequest) -> Any:
        """Handle one request under its own name."""
        origin.set(f"{request.method} {request.path}")
        return super().__call__(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """Remember why a view failed; Django goes on to answer with 500."""
        failure = f"{type(error).__name__}: {error}"
        request.failure = failure  # type: ignore[attr-defined]

    def should_flush(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Decide as airlock does, and note what the decision stands on."""
        reason = getattr(request, "failure", response.reason_phrase)
        scope = request.airlock_scope  # type: ignore[attr-defined]
        scope.verdict = f"{response.status_code} {reason}"
        return super().should_flush(request, response)
