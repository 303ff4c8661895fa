"""The planner's questions about thing-model devices. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from reconcile.model.actions import Action, SetDesired, Write
from reconcile.model.desired import DesiredDocument, Ownership
from reconcile.model.device import Identity
from reconcile.model.observed import Look
from reconcile.model.values import Json, Known
from reconcile.platforms.onenet.thing import definition, identity, values
from reconcile.platforms.onenet.thing import same as sameness
from reconcile.platforms.onenet.thing.model import Property, ThingModels
from reconcile.ports import Capabilities, NamedBytes, Problem, TypedValue

CAPABILITIES = Capabilities(
    section="properties", has_cloud_copy=True, has_queue=False, can_clear=True, can_execute=False
)


def load_models(files: Iterable[NamedBytes]) -> ThingModels:
    """The thing models among the files, by product id."""
    return definition.load(files)


def model_key(named: Identity) -> str:
    """The product, marked as one with a thing model."""
    return identity.PREFIX + named["productId"]


def read_value(things: ThingModels, key: str, path: str, value: Json, value_type: str | None) -> TypedValue | Problem:
    """The value as it travels; None clears. What the thing model forbids is a Problem."""
    known = _find(things, key, path)
    if known is None:
        if things.knows(_product(key)):
            return _unknown_property(things, key, path)
        return values.read_value(None, path, value, value_type)
    if not known.is_writable:
        detail = f"The thing model declares {path} read-only (r). Remove it, or set `mode: observe` to only watch it."
        return Problem("RCL204", "value cannot be written to this resource", detail)
    return values.read_value(known.data_type, path, value, value_type)


def stock(things: ThingModels, key: str) -> Sequence[str]:
    """The properties of the thing model that can be set, sorted; none without a model."""
    return sorted(path for path, known in things.products.get(_product(key), {}).items() if known.is_writable)


def declare(things: ThingModels, key: str, path: str, seen: Json) -> TypedValue | Problem:
    """The canonical form of a value that was seen, or why it has none."""
    if _find(things, key, path) is None:
        return Problem("RCL203", "device model has no such resource", f"No thing model says the type of {path}.")
    return read_value(things, key, path, seen, None)


def audit(things: ThingModels, key: str, document: DesiredDocument) -> Sequence[tuple[str, Problem]]:
    """Commands, which such products have none of, and watched properties that do not exist."""
    is_modelled = things.knows(_product(key))
    watched = [r.path for r in document.resources if r.ownership in (Ownership.OBSERVE, Ownership.IGNORE)]
    strangers = [path for path in watched if is_modelled and _find(things, key, path) is None]
    return [
        *((path, _unknown_property(things, key, path)) for path in strangers),
        *((command.name, _cannot_run()) for command in document.commands),
    ]


def same(things: ThingModels, key: str, path: str, left: Known, right: Known) -> bool:
    """Equality by the property's type, or as far as text allows without a model."""
    known = _find(things, key, path)
    return sameness.same(None if known is None else known.data_type, left, right)


def needs_look(paths: Sequence[str], *, is_refresh_all: bool, wants_uplink: bool) -> Look:
    """The cloud's copy with its versions, always; reported values and the device's presence only when asked."""
    return Look(
        paths=tuple(sorted(set(paths))),
        wants_cloud=bool(paths),
        wants_reported=bool(paths) and is_refresh_all,
        wants_uplink=wants_uplink,
    )


def write_actions(writes: Sequence[Write], versions: Mapping[str, int]) -> Sequence[Action]:
    """One set and one clear, each with the versions we believe; no page limits the number of properties.

    A clear is conditional in the cloud; a set is guarded by reads around it (`thing/desired.py`).
    """
    in_order = sorted(writes, key=lambda write: write.path)
    groups = ([w for w in in_order if w.value is not None], [w for w in in_order if w.value is None])
    return [
        SetDesired(tuple(group), tuple((write.path, versions.get(write.path, 0)) for write in group))
        for group in groups
        if group
    ]


def show_path(things: ThingModels, key: str, path: str) -> str:
    """The identifier with the property's name."""
    known = _find(things, key, path)
    return f"{path} ({known.name})" if known is not None and known.name != path else path


def _product(key: str) -> str:
    return key.removeprefix(identity.PREFIX)


def _find(things: ThingModels, key: str, path: str) -> Property | None:
    return things.find(_product(key), path)


def _unknown_property(things: ThingModels, key: str, path: str) -> Problem:
    known = things.products[_product(key)]
    close = get_close_matches(path, known, n=1, cutoff=0.6) or [name for name in known if name.lower() == path.lower()]
    advice = f"Did you mean {close[0]}?" if close else f"It has {', '.join(sorted(known)[:12]) or 'none'}."
    detail = f"The thing model of product {_product(key)} has no property {path}. {advice}"
    return Problem("RCL203", "device model has no such resource", detail)


def _cannot_run() -> Problem:
    detail = (
        "Products with a thing model run no commands here. Remove it, or limit the profile to devices given by their "
        "IMEI."
    )
    return Problem("RCL208", "command cannot run on this platform", detail)
