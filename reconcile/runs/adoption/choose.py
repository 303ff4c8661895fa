"""Which devices an import is about: those that manifests list, those of a file, or those that clouds list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconcile.manifest.inventory_row import IDENTITY_FIELDS, VOLATILE_FACTS, name_fault
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import ReconcileError
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.ports import ListedDevice, Lister, Listing, Problem
from reconcile.runs.adoption.subject import Chosen
from reconcile.runs.session import Session

_NO_LABELS = frozenset({"name", "platform", *IDENTITY_FIELDS, *VOLATILE_FACTS})
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options say. `named` are lines of a file; `platforms` limit it; `is_listed`: clouds are asked."""

    has_device: Callable[[DesiredDevice], bool] | None = None
    named: Sequence[str] | None = None
    products: Sequence[str] = ()
    platforms: Sequence[str] = ()
    is_listed: bool = False


async def choose(session: Session, choice: Choice) -> list[Chosen]:
    """The devices, by ref. Raises: ReconcileError naming what is not there; CallFailed from a listing."""
    unknown = sorted(set(choice.platforms) - session.fleet.platforms.keys())
    if unknown:
        known = ", ".join(sorted(session.fleet.platforms))
        raise ReconcileError(f"--platform {unknown[0]}: the fleet has {known}.", code="RCL463")
    declared = [_declared(one) for one in session.devices() if choice.has_device is None or choice.has_device(one)]
    found = {one.ref: one for one in declared}
    if choice.is_listed:
        found = await _listed(session, choice, {str(one.identity): one for one in map(_declared, session.devices())})
    chosen = [one for one in found.values() if _is_meant(one, choice)]
    if choice.named is not None:
        chosen = _named(session, choice, chosen)
    if not chosen:
        raise ReconcileError("No device is chosen: check names, labels and products.", code="RCL463")
    return sorted(chosen, key=lambda one: one.ref)


def _declared(desired: DesiredDevice) -> Chosen:
    return Chosen(desired.device.ref, desired.device.identity, desired.device.labels)


def _is_meant(one: Chosen, choice: Choice) -> bool:
    if choice.platforms and one.ref.platform not in choice.platforms:
        return False
    product = one.identity.get("productKey") or one.identity.get("productId") or one.labels.get("product")
    return not choice.products or product in choice.products


async def _listed(session: Session, choice: Choice, declared: Mapping[str, Chosen]) -> dict[DeviceRef, Chosen]:
    """What clouds list, under the names and labels that manifests give where they know the device."""
    found: dict[DeviceRef, Chosen] = {}
    asked = choice.platforms or sorted(session.fleet.platforms)
    for platform in asked:
        client, dialect = session.client(platform), session.dialect(platform)
        if not isinstance(client, Lister):
            if choice.platforms:
                raise ReconcileError(f"{platform}: this platform cannot list devices.", code="RCL463")
            continue
        async for device in client.list_devices(Listing(platform, tuple(choice.products))):
            identity = dialect.read_identity(device.fields, device.name)
            if isinstance(identity, Problem):
                continue
            one = declared.get(str(identity)) or _stranger(platform, device, identity, found)
            found[one.ref] = one
    return found


def _stranger(platform: str, device: ListedDevice, identity: Identity, found: Mapping[DeviceRef, Chosen]) -> Chosen:
    name = device.name if name_fault(device.name) is None else "-".join(value for _, value in identity.fields)
    name = name.replace("/", "-")
    ref, number = DeviceRef(platform, name), 1
    while ref in found and found[ref].identity != identity:
        number += 1
        ref = DeviceRef(platform, f"{name}-{number}")
    labels = {key: text for key, text in device.facts.items() if text and key not in _NO_LABELS}
    return Chosen(ref, identity, labels)


def _named(session: Session, choice: Choice, chosen: Sequence[Chosen]) -> list[Chosen]:
    """The devices of a file: by name, `platform/name`, or what is printed on them (IMEI, device name, iotId)."""
    by_name: dict[str, list[Chosen]] = {}
    for one in chosen:
        for name in {one.ref.name, str(one.ref), *(value for key, value in one.identity.fields if key != "productKey")}:
            by_name.setdefault(name, []).append(one)
    found: dict[DeviceRef, Chosen] = {}
    strange: list[str] = []
    for line in dict.fromkeys(choice.named or ()):
        matches = by_name.get(line, [])
        if len(matches) > 1:
            refs = ", ".join(str(one.ref) for one in matches[:_SHOWN])
            raise ReconcileError(f"--list: {line} means several devices: {refs}. Write platform/name.", code="RCL430")
        meant = matches[0] if matches else _by_imei(session, choice, line)
        if meant is None:
            strange.append(line)
        else:
            found[meant.ref] = meant
    if strange:
        shown = ", ".join(strange[:_SHOWN]) + (f" and {len(strange) - _SHOWN} more" if len(strange) > _SHOWN else "")
        advice = "Add them to an inventory, or take them from their cloud with --listed"
        raise ReconcileError(f"--list: nobody knows {shown}. {advice}.", code="RCL431")
    return list(found.values())


def _by_imei(session: Session, choice: Choice, line: str) -> Chosen | None:
    """A device that only its IMEI tells, on the one platform that was named."""
    if len(choice.platforms) != 1 or not line.isascii() or not line.isdigit():
        return None
    platform = choice.platforms[0]
    identity = session.dialect(platform).read_identity({"imei": line}, line)
    return None if isinstance(identity, Problem) else Chosen(DeviceRef(platform, line), identity, {})
