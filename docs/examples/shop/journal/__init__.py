"""Writes down what each scope did with its effects, and what the consumer ran."""
