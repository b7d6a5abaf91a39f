"""Airlock for Django."""

__all__: list[str] = []
