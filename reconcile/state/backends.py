"""Which module keeps the state behind a URL: each backend is imported only when it is named.

A backend is a module with `open_state(url, *, folder, create) -> StateStore`. `folder` is the manifest folder.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from reconcile.model.errors import StateError
from reconcile.ports import StateStore

_MODULES = {
    "sqlite": "reconcile.state.sqlite",
    "postgresql": "reconcile.state.postgres",
    "postgres": "reconcile.state.postgres",
    "gitref": "reconcile.state.gitref",
}


def open_state(url: str, *, folder: Path, create: bool) -> StateStore:
    """The state at a URL; without `create` an empty view of one that does not exist yet. Raises: StateError."""
    scheme, colon, _ = url.partition(":")
    name = _MODULES.get(scheme) if colon else None
    if name is None:
        named = scheme[:20] if colon else ""
        raise StateError(
            f"unknown state URL: found scheme {named!r}, expected `sqlite:///relative.db`, "
            "`sqlite:////absolute.db`, `postgresql://USER@HOST/DATABASE?schema=NAME` or `gitref:REMOTE#ENVIRONMENT`. "
            "Correct --state."
        )
    try:
        backend = import_module(name)
    except ImportError as exc:
        raise StateError(_missing(scheme)) from exc
    store: StateStore = backend.open_state(url, folder=folder, create=create)
    return store


def _missing(scheme: str) -> str:
    if scheme.startswith("postgres"):
        return (
            "the state in PostgreSQL needs a driver that is not installed, or not whole. Install it: "
            "`pip install 'reconcile[postgres]'`, or keep the state elsewhere (--state)."
        )
    return f"state backend {scheme} is not available in this version. Use another --state."
