"""Names of objects and resources, beside their numbers: `Temperature/0/Min Range Value` is `/3303/0/5603`.

Names are compared without regard to case and to repeated spaces, because the registry itself is not consistent in them.
They may hold a `/` (On/Off, Up/Down Control), so the instance number between two slashes is what parts a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconcile.platforms.onenet import model
from reconcile.platforms.onenet.model import shown
from reconcile.platforms.onenet.objects.catalogue import Catalogue
from reconcile.platforms.onenet.objects.definition import ObjectDefinition
from reconcile.ports import Problem

_NAMED = re.compile(r"/?(.+?)/([0-9]{1,5})/(.+)", re.ASCII | re.DOTALL)
_LISTED = 8


def read_path(catalogue: Catalogue, text: str) -> str | Problem:
    """`/obj/inst/res` from numbers, names or both."""
    match = _NAMED.fullmatch(text)
    if match is None or (match[1].isdecimal() and match[3].isdecimal()):
        return model.read_path(text)
    object_id = _object(catalogue, match[1], text)
    if isinstance(object_id, Problem):
        return object_id
    res_id = _resource(catalogue.find(object_id), object_id, match[3], text)
    return res_id if isinstance(res_id, Problem) else model.read_path(f"/{object_id}/{match[2]}/{res_id}")


def show_path(catalogue: Catalogue, path: str) -> str:
    """The path in names; in numbers where no definition knows them."""
    if model.read_path(path) != path:
        return path
    object_id, instance, res_id = model.ids(path)
    definition = catalogue.find(object_id)
    resource = None if definition is None else definition.resources.get(res_id)
    if definition is None or resource is None or not (definition.name and resource.name):
        return path
    return f"{definition.name}/{instance}/{resource.name}"


def _object(catalogue: Catalogue, written: str, text: str) -> int | Problem:
    if written.isdecimal():
        return int(written) if len(written) <= 5 else _no_path(text, "Object ids have at most five digits.")
    wanted = _plain(written)
    found = [object_id for object_id, name in catalogue.names() if _plain(name) == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = " and ".join(map(str, found))
        return _no_path(
            text, f"{shown(written)} is the name of the objects {numbers}. Write the number of the one meant."
        )
    return _no_path(
        text,
        f"No object is called {shown(written)}.{_did_you_mean(written, (name for _, name in catalogue.names()))} "
        "Expected three numbers such as /3303/0/5603, or names such as Temperature/0/Min Range Value.",
    )


def _resource(definition: ObjectDefinition | None, object_id: int, written: str, text: str) -> int | Problem:
    if written.isdecimal():
        return int(written) if len(written) <= 5 else _no_path(text, "Resource ids have at most five digits.")
    if definition is None:
        advice = "Write the resource's number, or put the object's definition into a `models` folder."
        return _no_path(
            text, f"No definition of object {object_id} is known, so names of its resources are not. {advice}"
        )
    wanted = _plain(written)
    found = [resource for resource in definition.resources.values() if _plain(resource.name) == wanted]
    if len(found) == 1:
        return found[0].id
    if found:
        numbers = " and ".join(str(resource.id) for resource in found)
        detail = f"{shown(written)} is the name of the resources {numbers} of {definition.name}. Write the number."
        return _no_path(text, detail)
    hint = _did_you_mean(written, (resource.name for resource in definition.resources.values()))
    return unknown_resource(definition, shown(written), hint)


def unknown_resource(definition: ObjectDefinition, written: str, hint: str = "") -> Problem:
    """An object's definition lacks a resource: an error where a name was written or the fleet itself defines it."""
    known = sorted(definition.resources.values(), key=lambda resource: resource.id)
    listed = ", ".join(f"{resource.id} {resource.name}" for resource in known[:_LISTED])
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return Problem(
        "RCL203",
        "device model has no such resource",
        f"{definition.name or 'Object'} ({definition.id}) has no resource {written}.{hint} It has {listed}{more}, "
        f"according to {definition.origin}. Correct it, or the definition.",
    )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _did_you_mean(written: str, names: Iterable[str]) -> str:
    import difflib

    plain = {_plain(name): name for name in names}
    close = difflib.get_close_matches(_plain(written)[:120], plain, n=2)
    return f" Did you mean {' or '.join(plain[name] for name in close)}?" if close else ""


def _no_path(text: str, detail: str) -> Problem:
    return Problem("RCL202", "path does not name a resource", f"Found {shown(text)}. {detail}")
