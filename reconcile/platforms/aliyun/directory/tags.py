"""Tags of devices (`Props`): QueryDeviceByTags, QueryDeviceProp.

Whether several tags of one call mean "and" or "or" is documented nowhere, so one tag is asked for at a time.
"""

from __future__ import annotations

from reconcile.model.device import Identity
from reconcile.platforms.aliyun import json_text
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.containers import Page, entries, page_parameters, paged
from reconcile.platforms.aliyun.directory.devices import DeviceEntry, read_entry
from reconcile.platforms.aliyun.directory.limits import DEVICES_A_PAGE
from reconcile.platforms.aliyun.wire import Call, device_parameters


def query_by_tag(key: str, value: str, page: int) -> Call:
    """QueryDeviceByTags with one tag: one page of the devices of all products that carry it.

    Without a value the key alone is searched; an older page allows it, the current description does not say.
    """
    tag = {"Tag.1.TagKey": key, "Tag.1.TagValue": value} if value else {"Tag.1.TagKey": key}
    return Call("QueryDeviceByTags", {**tag, **page_parameters(page, DEVICES_A_PAGE)})


def read_tagged(answer: Answer) -> Page[DeviceEntry]:
    """`Data.SimpleDeviceInfo[]`. Raises: Unreadable."""
    return paged(answer, tuple(read_entry(entry) for entry in entries(answer, "Data", "SimpleDeviceInfo")))


def query_props(identity: Identity) -> Call:
    """QueryDeviceProp: the tags of one device."""
    return Call("QueryDeviceProp", device_parameters(identity))


def read_props(answer: Answer) -> dict[str, str]:
    """Top-level `Props`, a text that holds a JSON object. Raises: Unreadable."""
    props = answer.document.get("Props")
    if props in (None, ""):
        return {}
    try:
        found = json_text.read(props) if isinstance(props, str) else props
    except json_text.BadJson as exc:
        raise Unreadable(f"Props: {exc}") from exc
    if not isinstance(found, dict):
        raise Unreadable("Props is not an object")
    return {key: value if isinstance(value, str) else json_text.write(value) for key, value in found.items()}
