"""Which versions of device models a fleet is checked against, as a plan notes them."""

from __future__ import annotations

from reconcile.manifest.document import Fleet
from reconcile.model.fleet import NotedModel
from reconcile.ports import VersionsModels


def noted_models(fleet: Fleet) -> tuple[NotedModel, ...]:
    """Every model at hand that tells its version, by platform type and key."""
    return tuple(
        NotedModel(kind, key, version)
        for kind, models in sorted(fleet.models.items())
        if isinstance(models, VersionsModels)
        for key, version in sorted(models.versions().items())
    )
