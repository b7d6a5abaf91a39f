"""What the bakery can be told to do."""
