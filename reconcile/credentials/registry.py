"""Finds providers of credentials by the name that manifests give: entry points of the group `reconcile.credentials`."""

from __future__ import annotations

from typing import Final, cast

from reconcile.model.errors import ReconcileError
from reconcile.ports import CredentialProvider

ENTRY_POINTS: Final = "reconcile.credentials"


def find(name: str) -> CredentialProvider | None:
    """The provider of that name, or None when nobody offers it. Raises: ReconcileError when it cannot be loaded."""
    from importlib.metadata import entry_points

    for entry_point in entry_points(group=ENTRY_POINTS, name=name):
        try:
            return cast("CredentialProvider", entry_point.load())
        except (ImportError, AttributeError) as exc:
            why = f"it cannot be loaded from {entry_point.value} ({type(exc).__name__})"
            raise ReconcileError(f"credentials provider {name}: {why}", code="RCL415") from exc
    return None


def known() -> tuple[str, ...]:
    """Every provider that is installed, sorted."""
    from importlib.metadata import entry_points

    return tuple(sorted({entry_point.name for entry_point in entry_points(group=ENTRY_POINTS)}))
