"""Bytes to desired state: parse, check, layer. Pure: bytes come in as arguments, diagnostics go out as values.

Does not live here: reading files (runs), what a resource may hold (a Dialect), deciding what to send (planner).
"""
