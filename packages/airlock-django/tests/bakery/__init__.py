"""A project that bakes what is ordered."""
