"""A cloud's listing -> rows, from the lines below its heading.

Premise: names, tags and models in a cloud are written by whoever may write there, and one of them must not stop a
fleet. Rule: what cannot be a device or a label is left out with a warning; what stands in a listing is never trusted
because it came from our own file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from reconcile.manifest.inventory_entries import NOT_LABELS
from reconcile.manifest.inventory_row import IDENTITY_FIELDS, Row, name_fault
from reconcile.manifest.layer_codes import BAD_OBJECT, FACT_LEFT_OUT, NOT_LISTED, Tally
from reconcile.manifest.suggest import quoted
from reconcile.model.diagnostic import Span
from reconcile.model.values import Json
from reconcile.ports import NamedBytes

_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_VALUE, _MOST_LABELS = 256, 128, 256, 64


def listing_rows(file: NamedBytes, tally: Tally) -> Iterator[tuple[Row, Mapping[str, str]]]:
    """Each device as a row, with everything the cloud says of its identity.

    The row's own fields are those that name a device best, so that a row of a file that says the same is the same.
    """
    shared: dict[tuple[tuple[str, Json], ...], dict[str, str]] = {}
    decode = json.JSONDecoder().decode
    for number, line in enumerate(file.content.decode("utf-8", "replace").split("\n"), 1):
        if number == 1 or not line.strip():
            continue
        try:
            body = decode(line)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            advice = "Found a line that is no listed device. Delete the file and list anew"
            tally.add(BAD_OBJECT.at(Span(file.name, number, 1), advice))
            continue
        name = body.get("name")
        fault = _name_fault(name)
        if fault is not None or not isinstance(name, str):
            detail = f"{fault}. Rename it in the cloud, or name it in an inventory file"
            tally.add(NOT_LISTED.at(Span(file.name, number, 1), detail))
            continue
        told = {field: str(body[field]) for field in IDENTITY_FIELDS if field in body}
        labels = _once(name, body.get("labels"), Span(file.name, number, 1), tally, shared)
        yield Row(name, str(body.get("platform", "")), _best(told), labels, number), told


def _once(
    name: str, found: Json, span: Span, tally: Tally, shared: dict[tuple[tuple[str, Json], ...], dict[str, str]]
) -> Mapping[str, str]:
    """The labels, one mapping for all devices that have the same; those without a fault are looked through once."""
    key = tuple(found.items()) if isinstance(found, dict) else ()
    try:
        known = shared.get(key)
    except TypeError:  # a label that is a list or an object
        return _labels(name, found, span, tally)
    if known is None:
        before = tally.told
        known = _labels(name, found, span, tally)
        if tally.told == before:
            shared[key] = known
    return known


def _best(told: dict[str, str]) -> dict[str, str]:
    """Without the id that the cloud made up, where the device has names of its own."""
    if "iotId" not in told or "productKey" not in told or "deviceName" not in told:
        return told
    return {field: value for field, value in told.items() if field != "iotId"}


def _name_fault(name: Json) -> str | None:
    if not isinstance(name, str):
        return "Found a device without a name"
    if len(name) > _LONGEST_NAME:
        return f"Found the name {quoted(name)} of {len(name):,} characters, the limit is {_LONGEST_NAME}"
    return name_fault(name)


def _labels(device: str, found: Json, span: Span, tally: Tally) -> dict[str, str]:
    labels: dict[str, str] = {}
    for name, value in found.items() if isinstance(found, dict) else ():
        fault = _label_fault(name, value)
        if fault is None and len(labels) == _MOST_LABELS:
            fault = f"only {_MOST_LABELS} labels of a device are read"
        if fault is None:
            labels[name] = str(value)
        else:
            tally.add(FACT_LEFT_OUT.at(span, f"device {device}: {fault}"))
    return labels


def _label_fault(name: str, value: Json) -> str | None:
    if name in NOT_LABELS:
        return f"{quoted(name)} says what a device is, or what was last seen of it; it is no label"
    if not name or len(name) > _LONGEST_LABEL or not name.isprintable():
        return f"found the name {quoted(name)}, expected 1 to {_LONGEST_LABEL} printable characters"
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE or not value.isprintable():
        shown = quoted(value) if isinstance(value, str) else "something that is no text"
        return f"{quoted(name)} is {shown}, expected at most {_LONGEST_VALUE} printable characters"
    return None
