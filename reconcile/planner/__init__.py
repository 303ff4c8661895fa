"""Desired, recorded and observed state to a plan. Pure: no network, disk, clock or randomness."""
