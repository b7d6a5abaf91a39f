"""The queues that the shop can run on, each behind the same few names."""
