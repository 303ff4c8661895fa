"""The command line: one file per command; `output` is the only place that prints.

Commands are imported when they run: `reconcile --help` must not pay for a web client.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the `reconcile` command."""
    from reconcile.cli.root import run

    raise SystemExit(run())
