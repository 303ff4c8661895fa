"""Which resources of a fleet have an LwM2M definition. Pure."""

from __future__ import annotations

from reconcile.ports import Models


def is_modelled(models: Models, model_key: str, path: str) -> bool:
    """True when the object of that path is defined; no definition is read by this version."""
    del models, model_key, path
    return False
