"""Plays the shop on real processes and checks what the consumer ran."""
