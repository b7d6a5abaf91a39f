"""Airlock for Celery: one boundary per task, and a way to get there."""
