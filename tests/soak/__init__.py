"""Longer runs of the delivery proofs than a test suite has time for: `python -m tests.soak --minutes 30`."""
