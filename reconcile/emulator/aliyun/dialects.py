"""Thing models in whichever of the two dialects they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.emulator.aliyun import thing_model_json, tsl
from reconcile.emulator.aliyun.model import Event, Model, Property, Service
from reconcile.emulator.messages import Json

_KINDS_OF_EVENT = frozenset({"info", "alert", "error"})


def parse_model(document: Json) -> Model:
    """The model of a TSL or ThingModelJson object, or of a list of them, one a module.

    Raises: ValueError or TypeError.
    """
    properties: dict[str, Property] = {}
    services: dict[str, Service] = {}
    events: dict[str, Event] = {}
    modules: dict[str, str] = {}
    for module, part in _parts(document):
        if module:
            modules[module] = str(part.get("functionBlockName") or modules.get(module, module))
        dialect = tsl if _is_tsl(part) else thing_model_json
        for entry in part.get("properties", ()):
            found = _property(entry, module)
            properties[found.key] = found
        try:
            services |= dialect.read_services(part, module)
            events |= dialect.read_events(part, module)
        except (KeyError, TypeError, AttributeError) as exc:
            raise ValueError(f"malformed service or event: {exc}") from exc
    strange = {event.kind for event in events.values()} - _KINDS_OF_EVENT
    if strange:
        raise ValueError(f"events are info, alert or error, not {', '.join(sorted(strange))}")
    return Model(properties, services, events, modules)


def _parts(document: Json) -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    for part in document if isinstance(document, list) else [document]:
        if not isinstance(part, Mapping):
            raise TypeError("a thing model is a JSON object")
        found.append((str(part.get("functionBlockId", "")), part))
        found.extend((str(block["functionBlockId"]), block) for block in part.get("functionBlocks", ()))
    return found


def _is_tsl(part: Mapping[str, Any]) -> bool:
    """What only the other dialect has: a version block, types as text, its own names of services and events."""
    return not (
        "_ppk" in part
        or any(isinstance(one, Mapping) and isinstance(one.get("dataType"), str) for one in part.get("properties", ()))
        or any("serviceName" in one for one in part.get("services", ()))
        or any("eventName" in one for one in part.get("events", ()))
    )


def _property(entry: Mapping[str, Any], module: str) -> Property:
    try:
        is_tsl = isinstance(entry["dataType"], Mapping)
        return tsl.read_property(entry, module) if is_tsl else thing_model_json.read_property(entry, module)
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"malformed property {entry!r}: {exc}") from exc
