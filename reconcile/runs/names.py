"""How resources of a device are called: in numbers as everywhere, and in the names of its model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reconcile.model.device import Device

if TYPE_CHECKING:
    from reconcile.runs.session import Session


def names_for(session: Session, device: Device) -> Callable[[str], str]:
    """The name of a path on that device; the path itself where its model has none."""
    platform = device.ref.platform
    dialect = session.dialect(platform)
    models = session.fleet.models[session.fleet.platforms[platform].type]
    key = dialect.model_key(device.identity)
    return lambda path: dialect.show_path(models, key, path)


def in_scope(
    session: Session, device: Device, has_resource: Callable[[str], bool] | None
) -> Callable[[str], bool] | None:
    """A scope over paths that also takes names: `/3303/0/*` and `Temperature/0/*` choose the same."""
    if has_resource is None:
        return None
    name = names_for(session, device)
    return lambda path: has_resource(path) or has_resource(name(path))
