"""Files that come with the program: schemas and the example fleet, in a wheel or in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reconcile.model.errors import ReconcileError

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def schemas() -> dict[str, bytes]:
    """Every JSON Schema by file name, e.g. `device.schema.json`. Raises: ReconcileError when they are missing."""
    return {path.name: path.read_bytes() for path in sorted(_folder("schemas").glob("*.schema.json"))}


def example_fleet() -> Path:
    """The folder of the example fleet's manifests. Raises: ReconcileError when it is missing."""
    return _folder("manifests")


def _folder(name: str) -> Path:
    """A wheel carries the folders inside the package; a checkout and an editable install have them beside it."""
    for folder in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ReconcileError(
        f"The installation is incomplete: its {name} are missing. Install reconcile again.", code="RCL100"
    )
