"""What the warehouse has."""

SOLD_OUT = {"unicorn"}


class SoldOutError(Exception):
    """An item cannot be had."""


def reserve(item: str) -> None:
    """Put an item aside.

    Raises:
        SoldOutError: If there is none left.
    """
    if item in SOLD_OUT:
        raise SoldOutError(item)
