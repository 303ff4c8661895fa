"""The emulated world: two clouds, their devices, the request log, the fault script.

No clock, network or disk in it once it is built.
"""

from __future__ import annotations

import functools
import heapq
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from reconcile.emulator.aliyun.birth import aliyun_device, groups_of, product_of, read_models
from reconcile.emulator.aliyun.device import Device as AliyunDevice
from reconcile.emulator.aliyun.dialects import parse_model
from reconcile.emulator.aliyun.model import Model
from reconcile.emulator.aliyun.product import Group, Models, Product
from reconcile.emulator.clock import to_ms
from reconcile.emulator.faults import FaultError, parse_rules
from reconcile.emulator.log import Log
from reconcile.emulator.messages import Json, Request
from reconcile.emulator.onenet.birth import onenet_device, onenet_thing
from reconcile.emulator.onenet.device import Device as OneNetDevice
from reconcile.emulator.onenet.thing import Thing
from reconcile.emulator.onenet.thing_model import ThingModel, parse_thing_model
from reconcile.emulator.population import PopulationError, Record, identity, is_thing
from reconcile.emulator.scene import Scene
from reconcile.emulator.switches import settings

Birth = tuple[Record, Models | ThingModel | None]
"""A population record and its thing models, read."""

_FIRST_ID = 500_000_000
_NEW_IDS = 600_000_000
"""OneNET numbers its devices: those of the population, and those created later."""


class World:
    """Everything the emulator knows. `advanced_ms` is how far its clock was moved by hand."""

    scene: Scene
    log: Log
    advanced_ms: int
    onenet: dict[str, OneNetDevice]
    onenet_by_id: dict[str, OneNetDevice]
    onenet_by_name: dict[str, OneNetDevice]
    onenet_products: dict[str, ThingModel | None]
    things: dict[str, Thing]
    aliyun: dict[str, AliyunDevice]
    aliyun_by_iot_id: dict[str, AliyunDevice]
    products: dict[str, Product]
    groups: dict[str, Group]
    nonces: set[str]
    quota: dict[str, tuple[int, int]]

    def __init__(self, births: tuple[Birth, ...], *, seed: int, base_ms: int, switches: Mapping[str, str]) -> None:
        self._births = births
        self._seed = seed
        self._base_ms = base_ms
        self._switches = dict(switches)
        self._rules: Json = {"rules": []}
        self._copies: list[tuple[int, int, Request]] = []
        self.reset()

    @classmethod
    def from_records(
        cls,
        records: Iterable[Record],
        *,
        seed: int = 0,
        now: datetime,
        models_dir: Path | None = None,
        switches: Mapping[str, str] | None = None,
        base: Path | None = None,
    ) -> World:
        """A world of these devices, starting at `now`. Thing-model paths are looked up in `base`, then in `models_dir`.

        Raises: PopulationError for a record that describes no device; SwitchError for an unknown switch.
        """
        folders = [folder for folder in (base, models_dir) if folder is not None]
        loaded: dict[str, Model] = {}
        loaded_things: dict[str, ThingModel] = {}
        births: list[Birth] = []
        for number, record in enumerate(records, 1):
            try:
                identity(record)
                if record["cloud"] == "aliyun":
                    load = functools.partial(_model, folders=folders, loaded=loaded, parse=parse_model)
                    births.append((record, read_models(record, load)))
                    continue
                source = record.get("thingModel")
                model = None if source is None else _model(source, folders, loaded_things, parse_thing_model)
                births.append((record, model))
            except (ValueError, TypeError, KeyError, AttributeError, OSError) as exc:
                raise PopulationError(f"record {number}: {exc}") from exc
        return cls(tuple(births), seed=seed, base_ms=to_ms(now), switches=settings(switches or {}))

    @property
    def base_ms(self) -> int:
        """The instant the world starts at."""
        return self._base_ms

    def reset(self) -> None:
        """Back to the population: devices, queues, log, nonces, faults, switches and the clock's advances."""
        self.scene = Scene(self._seed, self._base_ms, dict(self._switches))
        self.scene.faults.rules = parse_rules(self._rules)
        self.log = Log()
        self.advanced_ms = 0
        self.nonces = set()
        self.quota = {}
        self._copies = []
        self.onenet, self.onenet_by_id, self.onenet_by_name, self.onenet_products = {}, {}, {}, {}
        self.things, self.aliyun, self.products, self.groups = {}, {}, {}, {}
        for number, (record, models) in enumerate(self._births):
            try:
                self._settle_in(record, models, number)
            except (ValueError, TypeError, AttributeError) as exc:
                raise PopulationError(f"record {number + 1}: {exc}") from exc
        self.aliyun_by_iot_id = {device.iot_id: device for device in self.aliyun.values()}

    def apply_faults_spec(self, text: str) -> None:
        """Put a fault script in force, inline JSON or the path of a JSON file. It survives a reset.

        Raises: FaultError.
        """
        try:
            script = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8"))
        except (OSError, ValueError) as exc:
            raise FaultError(f"fault script cannot be read: {exc}") from exc
        self.scene.faults.rules = parse_rules(script)
        self._rules = script

    def send_copy(self, request: Request, due_ms: int) -> None:
        """Let a copy of a request arrive later."""
        self.scene.serial += 1
        heapq.heappush(self._copies, (due_ms, self.scene.serial, request))

    def next_copy(self, now_ms: int) -> tuple[int, Request] | None:
        """The earliest copy that has arrived by now, with its instant; None when there is none."""
        if not self._copies or self._copies[0][0] > now_ms:
            return None
        due_ms, _, request = heapq.heappop(self._copies)
        return due_ms, request

    def settle(self, now_ms: int) -> None:
        """Walk every device up to now."""
        for device in self.onenet.values():
            device.settle(now_ms)
        for thing in self.things.values():
            thing.settle(now_ms)
        for named in self.aliyun.values():
            named.settle(now_ms)

    def add_onenet(self, record: Record, now_ms: int) -> OneNetDevice:
        """A device of OneNET's IPSO products joins the world."""
        self.scene.serial += 1
        return self._enter(onenet_device(self.scene, record, _NEW_IDS + self.scene.serial, now_ms))

    def remove_onenet(self, device: OneNetDevice) -> None:
        """A device leaves the world, with its commands."""
        del self.onenet[device.imei], self.onenet_by_id[device.device_id]
        del self.onenet_by_name[f"{device.product_id}/{device.name}"]

    def _settle_in(self, record: Record, models: Models | ThingModel | None, number: int) -> None:
        name = identity(record)
        if name in self.aliyun if record["cloud"] == "aliyun" else name in self.onenet or name in self.things:
            raise ValueError(f"device {name} is there twice")
        if isinstance(models, Models):
            self._found(name, record, models)
        elif is_thing(record):
            thing = self.things[name] = onenet_thing(self.scene, record, models)
            self.onenet_products[thing.product_id] = models or self.onenet_products.get(thing.product_id)
        else:
            self._enter(onenet_device(self.scene, record, _FIRST_ID + number, self._base_ms))

    def _enter(self, device: OneNetDevice) -> OneNetDevice:
        self.onenet[device.imei] = self.onenet_by_id[device.device_id] = device
        self.onenet_by_name[f"{device.product_id}/{device.name}"] = device
        self.onenet_products.setdefault(device.product_id, None)
        return device

    def _found(self, name: str, record: Record, models: Models) -> None:
        device = aliyun_device(self.scene, record, models.published)
        self.aliyun[name] = device
        product = self.products.get(device.product_key)
        if product is None or (product.model is None and models.published is not None):
            founded = product_of(self.scene, record, models)
            founded.devices = product.devices if product else []
            product = self.products[device.product_key] = founded
        product.devices.append(device)
        for group in groups_of(self.scene, record, self.groups):
            group.devices.append(device)


_AnyModel = TypeVar("_AnyModel")


def _model(
    source: Any, folders: list[Path], loaded: dict[str, _AnyModel], parse: Callable[[Json], _AnyModel]
) -> _AnyModel:
    if not isinstance(source, str):
        return parse(source)
    if source not in loaded:
        candidates = (
            [Path(source)] if Path(source).is_absolute() else [folder / source for folder in folders] or [Path(source)]
        )
        path = next((candidate for candidate in candidates if candidate.is_file()), None)
        if path is None:
            raise ValueError(f"thingModel {source} does not exist")
        loaded[source] = parse(json.loads(path.read_text(encoding="utf-8")))
    return loaded[source]
