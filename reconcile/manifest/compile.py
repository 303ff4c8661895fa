"""Documents and inventories -> the fleet: every device with the document it shares with its likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from reconcile.manifest.compile_devices import Devices
from reconcile.manifest.compile_layers import Compilation
from reconcile.manifest.document import Document, Fleet
from reconcile.manifest.fleet import read_fleet
from reconcile.manifest.holds import read_holds
from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.manifest.inventory_volatile import volatile_selectors
from reconcile.manifest.layer_codes import (
    NEEDS_ALL_DEVICES,
    NEEDS_ALL_FILES,
)
from reconcile.manifest.policy_documents import read_policies
from reconcile.manifest.rollouts import read_rollouts
from reconcile.manifest.safety import read_safety
from reconcile.manifest.sealed import Sealed
from reconcile.manifest.select import Selector
from reconcile.manifest.settled.pick import Picked, pick
from reconcile.manifest.settled.screened import NotScreenedError, OutOfOrderError, Screening, held_by, may_leave_out
from reconcile.manifest.settled.sift import Sieve, Sifted
from reconcile.manifest.settled.under import Under
from reconcile.model.diagnostic import has_errors, in_order
from reconcile.model.late import dataclass
from reconcile.model.policy import Policies
from reconcile.ports import Dialect, Models, NamedBytes, NamedContent, PlatformConfig, RecordedFleet

_ALONE = frozenset({"Fleet", "Profile", "Device"})
"""What is read of one device without the others; holds and policies say which devices they are about."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a fleet is compiled from: documents that fit their schemas, inventories, dialects and models by type.

    `digest` names the bytes all of it was read from. Not `is_complete`: something could not be read, so nothing is said
    of what is missing. `listings`: entries of `inventory:` with what their clouds answered. `recorded`:
    recorded devices, for a fleet that may leave out what is settled by them. `sealed`: Device documents that
    are not among `documents`, and are opened where they are needed. `only`: the one device,
    by `platform/name` or name, that anything is asked about; empty for none. `asked`: labels of devices that are not
    left out. `under`: what sealed documents are known under. `policies`: those that count in place of the documents'.
    """

    documents: Sequence[Document]
    inventories: Sequence[NamedContent] = ()
    dialects: Mapping[str, Dialect] = field(default_factory=dict)
    models: Mapping[str, Models] = field(default_factory=dict)
    digest: str = ""
    is_complete: bool = True
    listings: Sequence[tuple[ListedInventory, NamedBytes]] = ()
    recorded: RecordedFleet | None = None
    sealed: Sealed | None = None
    only: str | None = None
    asked: Selector | None = None
    under: Under | None = None
    policies: Policies | None = None


def compile_fleet(inputs: Inputs, *, now: datetime) -> Fleet:
    """The fleet, its devices sorted by ref; with errors among its diagnostics it is partial.

    Without a Fleet document, which the parser reports, there are no platforms and so no devices. With `recorded`,
    settled devices are left out where that changes no plan; never from a fleet with errors.
    """
    may_be_partial = inputs.recorded is not None or inputs.only is not None
    if may_be_partial and inputs.is_complete and not inputs.listings:
        fleet = _screened(inputs, now)
        if fleet is not None and not has_errors(fleet.diagnostics):
            return fleet
    return _compile(inputs, now)


def _screened(inputs: Inputs, now: datetime) -> Fleet | None:
    """The fleet without what is settled or not asked about; None when it must be compiled whole."""
    screening: Screening | None = Screening.BLOCKS
    while screening is not None:
        try:
            return _compile(inputs, now, screening)
        except (NotScreenedError, OutOfOrderError) as exc:
            screening = screening.after(exc)
    return None


def _compile(inputs: Inputs, now: datetime, screening: Screening | None = None) -> Fleet:
    by_kind: dict[str, list[Document]] = {}
    for document in inputs.documents:
        by_kind.setdefault(document.kind, []).append(document)
    policies, policy_problems = read_policies(by_kind.get("Policy", ()), now)
    if "Fleet" not in by_kind:
        problems = in_order(policy_problems)
        return Fleet("", models=inputs.models, digest=inputs.digest, diagnostics=problems, policies=policies)
    settings, diagnostics = read_fleet(by_kind["Fleet"], inputs.dialects)
    compilation = Compilation.of(by_kind, settings, inputs.dialects, inputs.models)
    if inputs.sealed is not None and inputs.under is not None:
        inputs.sealed.said = inputs.under.by_layer([profile.name for profile in compilation.profiles])
    sifted, picked = None, None
    may_be_partial = screening is not None and may_leave_out(
        by_kind, policies if inputs.policies is None else inputs.policies
    )
    if screening is not None and may_be_partial and inputs.only is not None and by_kind.keys() <= _ALONE:
        picked = pick(inputs.inventories, by_kind.get("Device", ()), inputs.sealed, inputs.only)
        by_kind["Device"], compilation.matched = [], -1  # nothing is said of profiles that cover others
    elif screening is not None and may_be_partial and inputs.recorded is not None:
        own = by_kind.get("Device", ())
        compilation.named, held = held_by(by_kind.get("Hold", ()))
        compilation.asked = held if inputs.asked is None else (*held, inputs.asked)
        sieve = Sieve(compilation, own, inputs.sealed, inputs.asked)
        sifted = sieve.sift(inputs.inventories, inputs.recorded, screening)
    devices = _devices(inputs, settings.platforms, by_kind, sifted or picked)
    compilation.take_own(devices.documented)
    if sifted is None:
        desired = list(map(compilation.desired, devices.in_order()))
    else:
        desired = sifted.unsettled(devices.in_order(), compilation, inputs.sealed)
    holds, hold_problems = read_holds(by_kind.get("Hold", ()), desired, now)
    safety, safety_problems = read_safety(by_kind, desired, inputs.dialects, settings.platforms, now)
    found = [*devices.diagnostics, *compilation.unmatched(), *compilation.sightings.diagnostics(), *hold_problems]
    pointless = NEEDS_ALL_FILES if not inputs.is_complete else () if devices.is_complete else NEEDS_ALL_DEVICES
    diagnostics += [one for one in found if one.code not in pointless]
    diagnostics += [*policy_problems, *safety_problems]
    rollouts, rollout_problems = read_rollouts(by_kind.get("Profile", ()))
    diagnostics += rollout_problems
    if inputs.listings:
        diagnostics += volatile_selectors(inputs.documents, desired)
    return Fleet(
        name=settings.name,
        platforms=settings.platforms,
        models=inputs.models,
        devices=desired,
        holds=holds,
        safety=safety,
        state=settings.state,
        refresh=settings.refresh,
        flaps=settings.flaps,
        digest=inputs.digest,
        diagnostics=in_order(diagnostics),
        doubtful=compilation.doubtful,
        rollouts=rollouts,
        policies=policies,
        left_out=0 if sifted is None else sifted.rows.left_out,
        heads=None if sifted is None else sifted.rows.others,
        blocks=None if sifted is None else sifted.inventories.blocks,
    )


def _devices(
    inputs: Inputs,
    platforms: Mapping[str, PlatformConfig],
    by_kind: dict[str, list[Document]],
    part: Sifted | Picked | None,
) -> Devices:
    """The devices of all inventories and documents, or of a part of them. Raises: NotScreenedError."""
    if part is not None:
        by_kind.setdefault("Device", []).extend(part.opened)
    elif inputs.sealed is not None:
        by_kind.setdefault("Device", []).extend(inputs.sealed.opens(None))
    devices = Devices(platforms, inputs.dialects, by_kind.get("Device", ()), is_complete=inputs.is_complete)
    for entry, listing in inputs.listings:
        devices.add_listing(entry, listing)
    if part is not None:
        devices.add_rows(part)
    for inventory in inputs.inventories if part is None else ():
        devices.add_inventory(inventory)
    devices.add_documents()
    devices.add_listed()
    if part is not None:
        part.close(devices.registers)
    return devices
