"""What differs in the field from what git says, as values that manifests can say."""

from __future__ import annotations

from collections.abc import Callable

from reconcile.model.desired import DesiredResource
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.values import Missing, is_secret
from reconcile.ports import Problem, TakesStock, TypedValue
from reconcile.runs.adoption.secrecy import looks_secret
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Adopted:
    """A resource that is to be declared as it was found."""

    device: DesiredDevice
    resource: DesiredResource
    value: TypedValue


@dataclass(frozen=True, slots=True)
class Skipped:
    """A resource that stays as it is, and why."""

    device: str
    resource: str
    why: str


def drifted(
    session: Session, plan: Plan, is_meant: Callable[[DesiredDevice, str], bool]
) -> tuple[list[Adopted], list[Skipped]]:
    """The drift and conflicts of a plan that looked; each resource once."""
    devices = {one.device.ref: one for one in session.devices()}
    adopted: dict[tuple[str, str], Adopted] = {}
    skipped: dict[tuple[str, str], Skipped] = {}
    for notice in (*plan.drift, *plan.conflicts):
        device = devices.get(notice.device)
        if device is None or notice.resource is None or not is_meant(device, notice.resource):
            continue
        key = str(notice.device), notice.resource
        declared = next((one for one in device.document.resources if one.path == notice.resource), None)
        if declared is None or not declared.layers:
            skipped[key] = Skipped(*key, "the manifests do not declare it")
        elif isinstance(notice.observed, Missing) or notice.observed is None:
            skipped[key] = Skipped(*key, "nobody could read what it holds")
        else:
            found = _value(session, device, declared, notice.observed)
            if isinstance(found, str):
                skipped[key] = Skipped(*key, found)
            else:
                adopted[key] = Adopted(device, declared, found)
    return list(adopted.values()), list(skipped.values())


def _value(session: Session, device: DesiredDevice, declared: DesiredResource, seen: object) -> TypedValue | str:
    """The value as a manifest says it, or why none can."""
    platform, identity = device.device.ref.platform, device.device.identity
    dialect = session.dialect(platform)
    models, key = session.fleet.models[session.fleet.platforms[platform].type], dialect.model_key(identity)
    value = seen if isinstance(seen, bool | int | float | str | list | dict) else None
    if is_secret(declared.value) or looks_secret(dialect.show_path(models, key, declared.path), value):
        return "it is, or looks like, a secret: no file may hold it"
    found: TypedValue | Problem | None = None
    if isinstance(dialect, TakesStock):
        found = dialect.declare(models, key, declared.path, value)
    if not isinstance(found, TypedValue):  # without a model: in the form that the manifest has
        found = dialect.read_value(models, key, declared.path, value, declared.value_type)
    if isinstance(found, Problem):
        return found.detail
    return found
