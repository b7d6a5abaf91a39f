"""Dispatch airlock intents to Huey."""

__all__: list[str] = []
