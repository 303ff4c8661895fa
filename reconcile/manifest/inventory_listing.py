"""A cloud's listing -> rows. The bytes are NDJSON: a header, then one device a line, as `render` writes them.

Premise: names, tags and models in a cloud are written by whoever may write there, and one of them must not stop a
fleet. Rule: what cannot be a device or a label is left out with a warning; what stands in a listing is never trusted
because it came from our own file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reconcile.manifest.inventory_entries import NOT_LABELS
from reconcile.manifest.inventory_row import IDENTITY_FIELDS, VOLATILE_FACTS, Row, name_fault
from reconcile.manifest.layer_codes import BAD_OBJECT, FACT_LEFT_OUT, NOT_LISTED, Tally
from reconcile.manifest.suggest import quoted
from reconcile.model.diagnostic import Span
from reconcile.model.values import Json, JsonObject
from reconcile.ports import ListedDevice, Listing, NamedBytes

FORMAT: Final = "reconcile-listing/1"
_PRODUCT: Final = ("productKey", "productId")
_APART: Final = frozenset({*_PRODUCT, *VOLATILE_FACTS})
_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_VALUE, _MOST_LABELS = 256, 128, 256, 64


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line: what was asked, when, how many answered. `digest` covers the lines below, `stable` all of them
    but the facts that change at every contact.
    """

    platform: str
    taken: datetime
    devices: int
    digest: str
    stable: str


def render(listing: Listing, devices: Iterable[ListedDevice], taken: datetime) -> bytes:
    """A listing as bytes, in the order of names, the same for the same devices; a device told twice stands once."""
    lines: dict[tuple[str, bytes], tuple[bytes, bytes]] = {}
    for device in devices:
        body: dict[str, Json] = {"name": device.name, "platform": listing.platform}
        body |= {name: device.fields[name] for name in IDENTITY_FIELDS if device.fields.get(name)}
        identity = _line(body)
        body["labels"] = _lasting(device)
        seen: dict[str, Json] = {name: device.facts[name] for name in VOLATILE_FACTS if device.facts.get(name)}
        told = _line(body), _line({**body, "seen": seen} if seen else body)
        lines[device.name, identity] = max(told, lines.get((device.name, identity), told))
    content, stable = hashlib.sha256(), hashlib.sha256()
    for _, (lasting, whole) in sorted(lines.items()):
        content.update(whole)
        stable.update(lasting)
    head: dict[str, Json] = {"format": FORMAT, "platform": listing.platform, "products": list(listing.products)}
    tags: dict[str, Json] = dict(sorted(listing.tags.items()))
    head |= {"tags": tags, "taken": taken.isoformat(timespec="seconds")}
    head |= {"devices": len(lines), "digest": content.hexdigest(), "stable": stable.hexdigest()}
    return b"".join([_line(head), *(whole for _, (_, whole) in sorted(lines.items()))])


def _lasting(device: ListedDevice) -> dict[str, Json]:
    """The facts that become labels. What a cloud calls the product is `product` on all of them."""
    facts: dict[str, Json] = {k: v for k, v in sorted(device.facts.items()) if v and k not in _APART}
    product = next((told[name] for told in (device.fields, device.facts) for name in _PRODUCT if told.get(name)), None)
    return {"product": product, **facts} if product else facts


def read_heading(content: bytes) -> Heading:
    """The heading of a whole, unharmed listing. Raises: ValueError saying what is wrong with it."""
    first, _, rest = content.partition(b"\n")
    try:
        head = json.loads(first)
        is_ours = head["format"] == FORMAT
        taken = datetime.fromisoformat(str(head["taken"]))
        found = Heading(str(head["platform"]), taken, int(head["devices"]), str(head["digest"]), str(head["stable"]))
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise ValueError("its first line cannot be read") from exc
    if not is_ours:
        raise ValueError("it was written by another version")
    if taken.tzinfo is None or hashlib.sha256(rest).hexdigest() != found.digest:
        raise ValueError("it was changed or cut off after it was written")
    return found


def listing_rows(file: NamedBytes, tally: Tally) -> Iterator[tuple[Row, Mapping[str, str]]]:
    """Each device as a row, with everything the cloud says of its identity.

    The row's own fields are those that name a device best, so that a row of a file that says the same is the same.
    """
    shared: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for number, line in enumerate(file.content.split(b"\n"), 1):
        if number == 1 or not line.strip():
            continue
        span = Span(file.name, number, 1)
        try:
            body = json.loads(line)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            tally.add(BAD_OBJECT.at(span, "Found a line that is no listed device. Delete the file and list anew"))
            continue
        name = body.get("name")
        fault = _name_fault(name)
        if fault is not None or not isinstance(name, str):
            tally.add(NOT_LISTED.at(span, f"{fault}. Rename it in the cloud, or name it in an inventory file"))
            continue
        labels = _labels(name, body.get("labels"), span, tally)
        once = shared.setdefault(tuple(labels.items()), labels)
        told = {field: str(body[field]) for field in IDENTITY_FIELDS if isinstance(body.get(field), str)}
        yield Row(name, str(body.get("platform", "")), _best(told), once, number), told


def _best(told: Mapping[str, str]) -> dict[str, str]:
    """Without the id that the cloud made up, where the device has names of its own."""
    is_named = "productKey" in told and "deviceName" in told
    return {field: value for field, value in told.items() if not (is_named and field == "iotId")}


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


def _line(body: JsonObject) -> bytes:
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
