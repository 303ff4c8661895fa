"""Plans as JSON: the document people and tools read, the lines a plan file holds, and the digest that names a plan.

The digest covers everything that decides what is sent or recorded: devices, steps with requests and preconditions.
It leaves out when and from which state the plan was made, so the same plan made twice has the same name: on a laptop
for review, and in CI for the apply. What may run once is the plan's occasion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from reconcile.model.actions import Action, from_request
from reconcile.model.desired import OnRemoval
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.energy import NO_ENERGY
from reconcile.model.plan import Adoption, ChangeClass, Plan, PlannedDevice, Step
from reconcile.model.rollout import Ticket
from reconcile.model.values import ABSENT, Json, JsonObject, Missing, canonical

FORMAT = "reconcile-plan/1"

_SEEN = ("delivery", "registered")
_MOST_ASKED = 65_536


class Naming:
    """Computes a plan's digest from the JSON of its devices, one after the other."""

    def __init__(self) -> None:
        self._state = hashlib.sha256(canonical(FORMAT) + b"\n")

    def add(self, device: JsonObject) -> bytes:
        """The next device, as `device_json` makes it; what was only seen is passed over. Returns what was added."""
        text = canonical({name: member for name, member in device.items() if name not in _SEEN})
        self.add_text(text)
        return text

    def add_text(self, text: bytes) -> None:
        """The same, of a device that is spelled already."""
        self._state.update(text)
        self._state.update(b"\n")

    def digest(self) -> str:
        """`sha256:` of what was added."""
        return "sha256:" + self._state.hexdigest()


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def header_json(plan: Plan) -> JsonObject:
    """The members of a plan that do not grow with the fleet; `names` is there when a resource has one."""
    names: JsonObject = {
        change.resource: change.name for group in plan.classes for change in group.changes if change.name
    }
    named: JsonObject = {"names": names} if names else {}
    return {
        "format": FORMAT,
        "digest": plan.digest,
        "created": timestamp(plan.created),
        "expires": timestamp(plan.expires),
        "base": plan.base.to_json(),
        "summary": plan.summary.to_json(),
        **named,
        **({} if plan.coverage is None else {"coverage": plan.coverage.to_json()}),
        **({"protected": [one.to_json() for one in plan.protected]} if plan.protected else {}),
        **({"raised": [one.to_json() for one in plan.raised]} if plan.raised else {}),
        **({} if plan.policy is None else {"policy": plan.policy.to_json()}),
        **({"rollouts": [one.to_json() for one in plan.rollouts]} if plan.rollouts else {}),
    }


def class_json(group: ChangeClass) -> JsonObject:
    """An entry of `classes`."""
    body: JsonObject = {
        "id": group.id,
        "devices": group.devices,
        "sample": [str(ref) for ref in group.sample],
        "changes": [change.to_json() for change in group.changes],
    }
    if group.energy != NO_ENERGY:
        body["energy"] = group.energy.to_json()
    return {**body, "ways": dict(group.ways)} if group.ways else body


def diagnostic_json(diagnostic: Diagnostic) -> JsonObject:
    """An entry of `diagnostics`."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
        "file": diagnostic.span.file,
        "line": diagnostic.span.line,
        "column": diagnostic.span.column,
    }


def device_json(device: PlannedDevice, *, with_steps: bool = True, with_delivery: bool = False) -> JsonObject:
    """An entry of `records`, with the device's steps inside: the unit of a plan file and of the digest.

    `with_delivery` adds what was seen and no digest may cover: why its writes are sent now or queued, its registration.
    """
    body: JsonObject = {
        "device": str(device.ref),
        "identity": dict(device.identity.fields),
        "class": device.class_id,
        "recorded": device.recorded,
        "settles": device.settles,
        "steps": [step.to_json(device.recorded) for step in device.steps] if with_steps else [],
    }
    if device.adoptions:
        body["adopt"] = [_adoption_json(adoption) for adoption in device.adoptions]
    if device.releases:
        body["release"] = list(device.releases)
    if device.withdrawn_runs:
        body["withdrawn_runs"] = list(device.withdrawn_runs)
    if device.owed_runs:
        body["owed_runs"] = dict(device.owed_runs)
    if device.is_metered:
        body["metered"] = True
    if device.is_released:
        body["released"] = True
    if device.on_removal:
        body["on_removal"] = {path: removal.to_json() for path, removal in sorted(device.on_removal.items())}
    if device.retries:
        body["retries"] = dict(sorted(device.retries.items()))
    if device.rollout is not None:
        body["rollout"] = device.rollout.to_json()
    return body | _seen_json(device) if with_delivery else body


def _seen_json(device: PlannedDevice) -> JsonObject:
    body: JsonObject = {"delivery": device.delivery} if device.delivery else {}
    return body if device.registered is None else {**body, "registered": device.registered}


class Asked:
    """Actions by what they ask for, so that all devices of a class share one. Keeps so many of them at `most`."""

    def __init__(self, most: int = _MOST_ASKED) -> None:
        self._most = most
        self._known: dict[tuple[str, str], Action] = {}

    def action(self, kind: Json, request: Json) -> Action:
        """The action of a step's `kind` and `request`. Raises: KeyError, TypeError or ValueError."""
        key = _text(kind), repr(request)
        known = self._known.get(key)
        if known is None:
            known = from_request(key[0], _mapping(request))
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[key] = known
        return known


def device_from_json(body: JsonObject, asked: Asked | None = None) -> PlannedDevice:
    """The reverse of `device_json`. Raises: KeyError, TypeError or ValueError when the line is not one."""
    asked = asked or Asked()
    ref = DeviceRef.parse(_text(body["device"]))
    identity = Identity(tuple(sorted((name, _text(value)) for name, value in _mapping(body["identity"]).items())))
    return PlannedDevice(
        ref=ref,
        identity=identity,
        class_id=_text(body["class"]),
        recorded=_text(body["recorded"]),
        settles=_optional_text(body["settles"]),
        steps=tuple(step_from_json(_mapping(step), asked) for step in _items(body["steps"])),
        adoptions=tuple(_adoption(entry) for entry in _items(body.get("adopt", []))),
        releases=tuple(_text(path) for path in _items(body.get("release", []))),
        withdrawn_runs=tuple(_text(name) for name in _items(body.get("withdrawn_runs", []))),
        owed_runs=tuple((name, _text(key)) for name, key in sorted(_mapping(body.get("owed_runs", {})).items())),
        is_metered=body.get("metered") is True,
        is_released=body.get("released") is True,
        on_removal={path: removal_from_json(value) for path, value in _mapping(body.get("on_removal", {})).items()},
        retries={name: _integer(number) for name, number in _mapping(body.get("retries", {})).items()},
        delivery=_text(body.get("delivery", "")),
        registered=_optional_text(body.get("registered")),
        rollout=Ticket.from_json(_mapping(body["rollout"])) if "rollout" in body else None,
    )


def step_from_json(body: JsonObject, asked: Asked | None = None) -> Step:
    """The reverse of `Step.to_json`."""
    asked = asked or Asked()
    return Step(
        id=_text(body["id"]),
        device=DeviceRef.parse(_text(body["device"])),
        class_id=_text(body["class"]),
        wave=_integer(body["wave"]),
        action=asked.action(body["kind"], body["request"]),
        after=tuple(_text(name) for name in _items(body.get("after", []))),
        confirmed=tuple(_text(path) for path in _items(body.get("confirmed", []))),
        otherwise=_otherwise(body.get("otherwise"), asked),
    )


def _otherwise(value: Json, asked: Asked) -> Action | None:
    if value is None:
        return None
    body = _mapping(value)
    return asked.action(body["kind"], body["request"])


def removal_from_json(value: Json) -> OnRemoval:
    """The reverse of `OnRemoval.to_json`."""
    if isinstance(value, Mapping):
        return OnRemoval("set", value["set"], _optional_text(value["type"]))
    return OnRemoval(_text(value))


def _adoption_json(adoption: Adoption) -> Json:
    body: list[Json] = [adoption.path, adoption.value, adoption.value_type, adoption.version]
    return body if isinstance(adoption.over, Missing) else [*body, adoption.over]


def _adoption(entry: Json) -> Adoption:
    path, value, value_type, version, *rest = _items(entry)
    number = None if version is None else _integer(version)
    return Adoption(_text(path), value, _optional_text(value_type), number, rest[0] if rest else ABSENT)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, found {type(value).__name__}")
    return value


def _optional_text(value: Json) -> str | None:
    return None if value is None else _text(value)


def _integer(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected an integer, found {type(value).__name__}")
    return value


def _items(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, found {type(value).__name__}")
    return value


def _mapping(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value
