"""The pure half of the platform: what its properties are called, may hold, and how writes to them are packed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from reconcile.model.actions import Action, SetDesired, Write
from reconcile.model.desired import Command, Delivery, DesiredDocument
from reconcile.model.device import Identity
from reconcile.model.observed import Look
from reconcile.model.values import ABSENT, Json, Known, Missing, is_secret, same
from reconcile.platforms.aliyun import config_check, identity, thing_model
from reconcile.platforms.aliyun import stock as stocks
from reconcile.platforms.aliyun.model import Access, Lookup, Property, ThingModels
from reconcile.platforms.aliyun.same import same_typed, same_untyped
from reconcile.platforms.aliyun.text_length import doubtful_texts
from reconcile.platforms.aliyun.values import Misfit, read_typed, read_untyped
from reconcile.ports import Capabilities, Models, NamedBytes, PlatformConfig, Problem, TypedValue

ITEMS_PER_SET: Final = 10
"""Source: SetDeviceDesiredProperty, at most 10 properties a call."""

_CAPABILITIES: Final = Capabilities(
    section="properties", has_cloud_copy=True, has_queue=False, can_clear=True, can_execute=False
)


class AliyunDialect:
    """`ports.Dialect` for desired properties of thing models."""

    __slots__ = ()

    def capabilities(self, model_key: str) -> Capabilities:
        """A cloud copy with versions, clearing; no queue, no commands: the same for every product."""
        del model_key
        return _CAPABILITIES

    def check_config(self, config: PlatformConfig) -> Sequence[Problem]:
        """What does not fit together in an entry of `platforms:`."""
        return config_check.check(config)

    def load_models(self, files: Iterable[NamedBytes]) -> ThingModels:
        """The thing models among the files, by product key."""
        return thing_model.load(files)

    def read_identity(self, fields: Mapping[str, str], device_name: str) -> Identity | Problem:
        """ProductKey and deviceName, or iotId."""
        return identity.read_identity(fields, device_name)

    def model_key(self, identity: Identity) -> str:
        """The product key; empty for a device known by its iotId alone, whose product nothing here tells."""
        return identity.get("productKey") or ""

    def read_path(self, models: Models, model_key: str, text: str) -> str | Problem:
        """`identifier` or `module:identifier`; names in a thing model are for people, identifiers for machines."""
        del models, model_key
        return identity.read_path(text)

    def read_value(
        self, models: Models, model_key: str, path: str, value: Json, value_type: str | None
    ) -> TypedValue | Problem:
        """The value as it goes on the wire; None clears. What the thing model forbids is a Problem."""
        known = _things(models).find(model_key, path)
        if known is Lookup.NONEXISTENT:
            return _unknown_property(_things(models), model_key, path)
        if isinstance(known, Property) and known.access is not Access.READ_WRITE:
            return _cannot_be_written(known)
        try:
            if value is None:
                return TypedValue(None)
            if isinstance(known, Property):
                return TypedValue(read_typed(known.data_type, value, value_type))
            return TypedValue(read_untyped(value, value_type))
        except Misfit as misfit:
            return misfit.problem()

    def audit(self, models: Models, model_key: str, document: DesiredDocument) -> Sequence[tuple[str, Problem]]:
        """Commands, which this platform has none of; watched properties that do not exist; texts of doubtful length."""
        things = _things(models)
        found: list[tuple[str, Problem]] = []
        for resource in document.resources:
            known = things.find(model_key, resource.path)
            if known is Lookup.NONEXISTENT:
                found.append((resource.path, _unknown_property(things, model_key, resource.path)))
            elif isinstance(known, Property):
                found += ((resource.path, problem) for problem in doubtful_texts(known.data_type, resource.value))
        return [*found, *((command.name, _cannot_run()) for command in document.commands)]

    def same(self, models: Models, model_key: str, path: str, left: Known, right: Known) -> bool:
        """Equality by the property's type; a secret's marker equals only itself, since nobody here knows its value."""
        if isinstance(left, Missing) or isinstance(right, Missing):
            return left is right and left is ABSENT
        if left is None or right is None or is_secret(left) or is_secret(right):
            return same(left, right)
        known = _things(models).find(model_key, path)
        if isinstance(known, Property):
            return same_typed(known.data_type, left, right)
        return same_untyped(left, right)

    def stock(self, models: Models, model_key: str, noted: Sequence[str]) -> Sequence[str]:
        """The properties of the thing model that can be set; see `ports.TakesStock`."""
        del noted  # only a thing model says what may be set
        return stocks.stock(_things(models), model_key)

    def declare(self, models: Models, model_key: str, path: str, seen: Json) -> TypedValue | Problem:
        """What a manifest says for a value as the cloud answers it."""
        return stocks.declare(_things(models), model_key, path, seen)

    def needs_look(
        self, paths: Sequence[str], *, is_refresh_all: bool, wants_uplink: bool, uuids: Sequence[str]
    ) -> Look:
        """The cloud's copy with its versions, always; reported values and the device's presence on a full refresh.

        Where the cloud's copy turns out to be absent, `look.observe` reads the reported value as well.
        """
        del uuids  # there is no queue
        return Look(
            paths=tuple(sorted(set(paths))),
            wants_cloud=bool(paths),
            wants_reported=bool(paths) and is_refresh_all,
            wants_uplink=wants_uplink or (bool(paths) and is_refresh_all),
        )

    def write_actions(
        self, writes: Sequence[Write], versions: Mapping[str, int], delivery: Delivery, *, is_now: bool
    ) -> Sequence[Action]:
        """Sets of at most 10 items by path, each with the version we believe; 0 for a property never set.

        How a device is reached is the cloud's business here, so `delivery` and `is_now` change nothing.
        Raises: ValueError when one path is written twice.
        """
        del delivery, is_now
        in_order = sorted(writes, key=lambda write: write.path)
        if len({write.path for write in in_order}) != len(in_order):
            raise ValueError("two writes to one property")
        batches = [in_order[start : start + ITEMS_PER_SET] for start in range(0, len(in_order), ITEMS_PER_SET)]
        return [
            SetDesired(tuple(batch), tuple((write.path, versions.get(write.path, 0)) for write in batch))
            for batch in batches
        ]

    def run_action(self, command: Command, run_key: str, delivery: Delivery, *, is_now: bool) -> Action:
        """Raises: ValueError always; `capabilities.can_execute` is off."""
        del run_key, delivery, is_now
        raise ValueError(f"command {command.name}: this platform runs no commands")

    def show_path(self, models: Models, model_key: str, path: str) -> str:
        """The path with the property's name, e.g. `LightStatus (Working state)`."""
        known = _things(models).find(model_key, path)
        return f"{path} ({known.name})" if isinstance(known, Property) and known.name != path else path


def _things(models: Models) -> ThingModels:
    assert isinstance(models, ThingModels), "models of another dialect"
    return models


def _cannot_be_written(known: Property) -> Problem:
    access = "read-only (r)" if known.access is Access.READ else "write-only"
    detail = f"The thing model declares {known.path} {access}. Remove it, or set `mode: observe` to only watch it."
    return Problem("RCL204", "value cannot be written to this resource", detail)


def _unknown_property(things: ThingModels, model_key: str, path: str) -> Problem:
    known = things.products[model_key].properties
    close = get_close_matches(path, known, n=1, cutoff=0.6) or [name for name in known if name.lower() == path.lower()]
    advice = f"Did you mean {close[0]}?" if close else f"It has {', '.join(sorted(known)[:12]) or 'none'}."
    detail = f"The thing model of product {model_key} has no property {path}. {advice}"
    return Problem("RCL203", "device model has no such resource", detail)


def _cannot_run() -> Problem:
    detail = "Platforms of type aliyun run no commands. Remove it, or limit the profile to devices of another platform."
    return Problem("RCL208", "command cannot run on this platform", detail)
