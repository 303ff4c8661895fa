"""The command line: one file per command; `output` is the only place that prints.

Commands are imported when they run: `reconcile --help` must not pay for a web client.
"""

from __future__ import annotations

import gc

_ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000
"""Python's 700 makes a tenth of a large plan or apply a search for garbage that a short process never has."""


def main() -> None:
    """Entry point of the `reconcile` command."""
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    from reconcile.cli.root import run

    code = run()
    gc.freeze()  # the interpreter looks at everything once more on its way out; there is nothing left to find
    raise SystemExit(code)
