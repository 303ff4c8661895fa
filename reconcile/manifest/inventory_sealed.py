"""A cloud's listing as bytes: a heading that seals it, then one device a line, in NDJSON; and the heading read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from reconcile.manifest.inventory_row import IDENTITY_FIELDS, VOLATILE_FACTS
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.ports import ListedDevice, Listing

FORMAT: Final = "reconcile-listing/1"
_PRODUCT: Final = ("productKey", "productId")
_APART: Final = frozenset({*_PRODUCT, *VOLATILE_FACTS})


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


def _line(body: JsonObject) -> bytes:
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
