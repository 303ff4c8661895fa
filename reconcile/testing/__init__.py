"""Kits shared by our own tests and by authors of plug-ins: contracts, builders, clocks."""
