"""A shop whose models say what their changes set off."""
