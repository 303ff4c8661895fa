"""A fleet that has outgrown the place of its state."""

from __future__ import annotations

from typing import Final

from reconcile.model.diagnostic import NOWHERE, Diagnostic, Severity
from reconcile.model.fleet import StateConfig

MOST_IN_A_REF: Final = 100_000
"""Devices; above, each command fetches and unpacks for longer than a pipeline should wait. docs/performance.md."""


def outgrown(url: str | None, config: StateConfig, devices: int) -> Diagnostic | None:
    """A warning (RCL506) when so many devices have their state in a git ref; `url` is --state, where it is given."""
    in_a_ref = config.backend == "gitref" if url is None else url.startswith("gitref:")
    if not in_a_ref or devices <= MOST_IN_A_REF:
        return None
    return Diagnostic(
        "RCL506",
        "the fleet is larger than state in a git ref is good for",
        f"found {devices:,} devices, expected {MOST_IN_A_REF:,} at most: every command fetches the whole state. Keep "
        "it in PostgreSQL: `state export`, then `--state postgresql://... state import`.",
        NOWHERE,
        severity=Severity.WARNING,
    )
