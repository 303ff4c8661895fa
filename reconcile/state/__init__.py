"""Recorded state, journal and leases, one module per backend."""
