"""How resources of a device are called: in numbers as everywhere, and in the names of its model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from reconcile.model.device import Device, DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan import Change, Plan

if TYPE_CHECKING:
    from reconcile.runs.session import Session


def names_for(session: Session, device: Device) -> Callable[[str], str]:
    """The name of a path on that device; the path itself where its model has none."""
    platform = device.ref.platform
    dialect = session.dialect(platform)
    models = session.fleet.models[session.fleet.platforms[platform].type]
    key = dialect.model_key(device.identity)
    return lambda path: dialect.show_path(models, key, path)


def beside(path: str, said: str) -> str:
    """What stands beside a path that is shown anyway: its name alone, or "" where the model has none.

    Aliyun's dialect says `Brightness (亮度)`, OneNET's `Temperature/0/Min Range Value`.
    """
    if said == path:
        return ""
    return said[len(path) + 2 : -1] if said.startswith(f"{path} (") and said.endswith(")") else said


def named(session: Session, plan: Plan, devices: Iterable[DesiredDevice]) -> Plan:
    """The plan with the names of what changes, as the first device of each class knows them."""
    wanted = {group.sample[0] for group in plan.classes if group.sample}
    by_ref: dict[DeviceRef, Device] = {}
    for one in devices:
        if len(by_ref) == len(wanted):
            break
        if one.device.ref in wanted:
            by_ref[one.device.ref] = one.device
    classes = []
    for group in plan.classes:
        device = by_ref.get(group.sample[0]) if group.sample else None
        classes.append(group if device is None else replace(group, changes=_named(session, device, group.changes)))
    return replace(plan, classes=tuple(classes))


def _named(session: Session, device: Device, changes: Iterable[Change]) -> tuple[Change, ...]:
    name = names_for(session, device)
    return tuple(
        replace(change, name=said) if (said := beside(change.resource, name(change.resource))) else change
        for change in changes
    )


def in_scope(
    session: Session, device: Device, has_resource: Callable[[str], bool] | None
) -> Callable[[str], bool] | None:
    """A scope over paths that also takes names: `/3303/0/*` and `Temperature/0/*` choose the same."""
    if has_resource is None:
        return None
    name = names_for(session, device)
    return lambda path: has_resource(path) or has_resource(name(path))
