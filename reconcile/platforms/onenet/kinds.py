"""The dialect of the whole platform: LwM2M objects and thing models side by side.

Premise: one account holds both kinds of products. Rule: `productId` in a device's fields makes it a thing, and from
then on the model key tells them apart, or where there is none the path, as identifiers have no slash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconcile.model.actions import Action, Write
from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, Ownership
from reconcile.model.device import Identity
from reconcile.model.late import dataclass
from reconcile.model.observed import Look
from reconcile.model.values import Json, Known
from reconcile.platforms.onenet import config_check as entry
from reconcile.platforms.onenet.objects import stock as objects_stock
from reconcile.platforms.onenet.objects.catalogue import Catalogue, is_definition
from reconcile.platforms.onenet.objects.condensed import FORM, condense
from reconcile.platforms.onenet.stranding import danger
from reconcile.platforms.onenet.thing import dialect as thing
from reconcile.platforms.onenet.thing.identity import PREFIX, is_identifier, is_thing
from reconcile.platforms.onenet.thing.identity import read_identity as read_thing_identity
from reconcile.platforms.onenet.thing.identity import read_path as read_identifier
from reconcile.platforms.onenet.thing.model import ThingModels
from reconcile.ports import Capabilities, Dialect, Models, NamedBytes, PlatformConfig, Problem, TypedValue


@dataclass(frozen=True, slots=True)
class KindModels:
    """The models of both kinds."""

    lwm2m: Models
    things: ThingModels

    @property
    def problems(self) -> Sequence[tuple[str, Problem]]:
        """Files that could not be used, of either kind."""
        return (*self.lwm2m.problems, *self.things.problems)

    def knows(self, model_key: str) -> bool:
        """Of a thing, whether the model of its product was read; of others, whether no object definition is broken."""
        if is_thing(model_key):
            return self.things.knows(model_key.removeprefix(PREFIX))
        return all(problem.is_warning for _, problem in self.lwm2m.problems)

    def knows_paths(self, model_key: str, paths: Iterable[str]) -> bool:
        """The same for some resources: a broken definition concerns the devices that use its object."""
        if is_thing(model_key) or not isinstance(self.lwm2m, Catalogue):
            return self.knows(model_key)
        return self.lwm2m.knows_paths(paths)


class KindsDialect:
    """`ports.Dialect` for both kinds; `lwm2m` answers for everything that is no thing."""

    def __init__(self, lwm2m: Dialect) -> None:
        self._lwm2m = lwm2m

    def capabilities(self, model_key: str) -> Capabilities:
        """Of things: a cloud copy and clearing; of LwM2M devices: a queue and Executes."""
        return thing.CAPABILITIES if is_thing(model_key) else self._lwm2m.capabilities(model_key)

    def check_config(self, config: PlatformConfig) -> Sequence[Problem]:
        """What does not fit together in an entry of `platforms:`."""
        return self._lwm2m.check_config(config)

    def check_document(
        self, config: PlatformConfig, model_key: str, document: DesiredDocument
    ) -> Sequence[tuple[str, Problem]]:
        """What the account of an entry cannot do for a document: see `ports.ChecksAccount`."""
        if is_thing(model_key):
            writes = [r.path for r in document.resources if r.ownership is not Ownership.IGNORE]
            return [(path, problem) for path in writes[:1] for problem in entry.thing_problems(config)]
        written = [r.path for r in document.resources if r.ownership in (Ownership.ENFORCE, Ownership.SEED)]
        about = [*written, *(command.name for command in document.commands)]
        mode = document.delivery.mode
        is_queued = mode is not DeliveryMode.NOW
        return [(name, problem) for name in about[:1] if is_queued for problem in entry.queue_problems(config, mode)]

    def load_models(self, files: Iterable[NamedBytes]) -> KindModels:
        """The models of both kinds among those files."""
        known = list(files)
        return KindModels(self._lwm2m.load_models(known), thing.load_models(known))

    @property
    def condensed_form(self) -> str:
        """The form of object definitions; see `ports.CondensesModels`."""
        return f"lwm2m/{FORM}"

    def may_condense(self, file: NamedBytes) -> bool:
        """True for object definitions."""
        return is_definition(file)

    def condense(self, file: NamedBytes) -> bytes | None:
        """An object definition in the form that is read fastest."""
        return condense(file.content)

    def read_identity(self, fields: Mapping[str, str], device_name: str) -> Identity | Problem:
        """The IMEI, or `productId` and `deviceName`."""
        if fields.get("productId"):
            return read_thing_identity(fields, device_name)
        return self._lwm2m.read_identity(fields, device_name)

    def model_key(self, identity: Identity) -> str:
        """The product of a thing; of other devices what their own dialect says."""
        return thing.model_key(identity) if identity.get("productId") else self._lwm2m.model_key(identity)

    def read_path(self, models: Models, model_key: str, text: str) -> str | Problem:
        """An identifier of a thing, or an LwM2M path."""
        if is_thing(model_key):
            return read_identifier(text)
        return self._lwm2m.read_path(_both(models).lwm2m, model_key, text)

    def read_value(
        self, models: Models, model_key: str, path: str, value: Json, value_type: str | None
    ) -> TypedValue | Problem:
        """A declared value in canonical form."""
        both = _both(models)
        if is_thing(model_key):
            return thing.read_value(both.things, model_key, path, value, value_type)
        return self._lwm2m.read_value(both.lwm2m, model_key, path, value, value_type)

    def audit(self, models: Models, model_key: str, document: DesiredDocument) -> Sequence[tuple[str, Problem]]:
        """Everything the cloud would refuse about the document as a whole."""
        both = _both(models)
        if is_thing(model_key):
            return thing.audit(both.things, model_key, document)
        return self._lwm2m.audit(both.lwm2m, model_key, document)

    def same(self, models: Models, model_key: str, path: str, left: Known, right: Known) -> bool:
        """Whether two values mean the same for that resource."""
        both = _both(models)
        if is_thing(model_key):
            return thing.same(both.things, model_key, path, left, right)
        return self._lwm2m.same(both.lwm2m, model_key, path, left, right)

    def stock(self, models: Models, model_key: str, noted: Sequence[str]) -> Sequence[str]:
        """What a manifest may set: all of a thing's model, or of the resources noted of an LwM2M device."""
        both = _both(models)
        if is_thing(model_key):
            return thing.stock(both.things, model_key)
        return objects_stock.stock(both.lwm2m, noted)

    def declare(self, models: Models, model_key: str, path: str, seen: Json) -> TypedValue | Problem:
        """What a manifest says for a value as OneNET tells it."""
        both = _both(models)
        if is_thing(model_key):
            return thing.declare(both.things, model_key, path, seen)
        return objects_stock.declare(both.lwm2m, path, seen)

    def needs_look(
        self, paths: Sequence[str], *, is_refresh_all: bool, wants_uplink: bool, uuids: Sequence[str]
    ) -> Look:
        """What to read of a device before it can be planned; its paths tell which kind it is."""
        if paths and all(map(is_identifier, paths)):
            return thing.needs_look(paths, is_refresh_all=is_refresh_all, wants_uplink=wants_uplink)
        return self._lwm2m.needs_look(paths, is_refresh_all=is_refresh_all, wants_uplink=wants_uplink, uuids=uuids)

    def write_actions(
        self, writes: Sequence[Write], versions: Mapping[str, int], delivery: Delivery, *, is_now: bool
    ) -> Sequence[Action]:
        """The fewest requests that carry all writes of one device."""
        if writes and all(is_identifier(write.path) for write in writes):
            return thing.write_actions(writes, versions)
        return self._lwm2m.write_actions(writes, versions, delivery, is_now=is_now)

    def run_action(self, command: Command, run_key: str, delivery: Delivery, *, is_now: bool) -> Action:
        """The request that runs a command of an LwM2M device once."""
        return self._lwm2m.run_action(command, run_key, delivery, is_now=is_now)

    def danger(self, model_key: str, path: str) -> str | None:
        """What may become of an LwM2M device; of a thing's own properties nothing can be known."""
        return None if is_thing(model_key) else danger(path)

    def show_path(self, models: Models, model_key: str, path: str) -> str:
        """The path for people."""
        both = _both(models)
        if is_thing(model_key):
            return thing.show_path(both.things, model_key, path)
        return self._lwm2m.show_path(both.lwm2m, model_key, path)


def _both(models: Models) -> KindModels:
    assert isinstance(models, KindModels), "models of another dialect"
    return models
