"""What airlock costs, beside what its users would pick instead."""
