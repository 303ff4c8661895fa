"""Reads answers: JSON or XML, success or either of the two error envelopes.

| envelope | HTTP    | fields                                                     |
| -------- | ------- | ---------------------------------------------------------- |
| success  | 200     | RequestId, Success true, Data                              |
| business | 200     | RequestId, Success false, Code, ErrorMessage               |
| gateway  | 4xx 5xx | RequestId, Code, Message, HostId; no Success               |

Source: the samples of the operation pages; gateway errors as listed for other RPC products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree as ET

from reconcile.model.late import dataclass
from reconcile.model.values import ABSENT, Json, JsonObject, Known
from reconcile.platforms.aliyun import json_text
from reconcile.platforms.aliyun.fields import integer, is_true, is_truth, moment, text, without_secrets

_XML_DEPTH: Final = 32


class Unreadable(ValueError):
    """The body is not an answer of this API."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whatever its envelope. `code` is empty when there is none; `text` is the vendor's own words.

    `data` is the member `Data` where that is an object; `document` is the whole answer, because some calls put their
    result beside `Data` (`Props`, `DeviceStatusList`, `NextToken`). Neither holds the secret of a device or product.
    """

    http_status: int
    is_success: bool
    code: str
    text: str
    request_id: str
    data: JsonObject = field(repr=False)
    retry_after_s: float | None = None
    document: JsonObject = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One property of a query answer. `value` is always text, or ABSENT."""

    value: Known
    version: int | None
    at: datetime | None


def read_answer(http_status: int, body: bytes, *, is_xml: bool, retry_after: str = "") -> Answer:
    """The answer in a body; `retry_after` is the header `x-acs-retry-after`, in milliseconds as the SDK spends it.

    Raises: Unreadable for anything that is not one of the three envelopes.
    """
    document = _read_xml(body) if is_xml else _read_json(body)
    if b"ecret" in body:
        document = without_secrets(document)
    code = text(document, "Code")
    is_success = is_true(document.get("Success")) and 200 <= http_status < 300
    if not code and not is_truth(document.get("Success")):
        raise Unreadable("neither Success nor Code")
    data = document.get("Data")
    return Answer(
        http_status=http_status,
        is_success=is_success,
        code="" if is_success else code,
        text=text(document, "ErrorMessage") or text(document, "Message"),
        request_id=text(document, "RequestId"),
        data=data if isinstance(data, dict) else {},
        retry_after_s=(integer(retry_after) or 0) / 1000 or None,
        document=document,
    )


def versions_of(answer: Answer) -> dict[str, int] | None:
    """`Data.Versions`, a string that holds JSON; None when it cannot be read."""
    versions = answer.data.get("Versions")
    numbers = _versions_in(versions) if isinstance(versions, str) else _numbers(versions)
    return None if numbers is None else dict(numbers)


@lru_cache(maxsize=64)
def _versions_in(text_: str) -> tuple[tuple[str, int], ...] | None:
    """Devices that are set alike answer alike."""
    try:
        return _numbers(json_text.read(text_))
    except json_text.BadJson:
        return None


def _numbers(found: Json) -> tuple[tuple[str, int], ...] | None:
    if not isinstance(found, dict):
        return None
    numbers = ((path, integer(version)) for path, version in found.items())
    return tuple((path, number) for path, number in numbers if number is not None)


def rows_of(answer: Answer, entry_name: str, module: str) -> dict[str, Row]:
    """The entries of `Data.List.<entry_name>` by path, those of other modules left out.

    Their `Identifier` may or may not carry the module's prefix (no page says), so both are taken.
    Raises: Unreadable when the list has another shape, when `Data` is missing, or when a property stands there twice
    with different contents: an answer that says nothing is not one that says "nothing is set".
    """
    rows: dict[str, Row] = {}
    for entry in _entries(answer, entry_name):
        if not isinstance(entry, dict) or not text(entry, "Identifier"):
            raise Unreadable("an entry without Identifier")
        prefix, colon, identifier = text(entry, "Identifier").rpartition(":")
        if colon and prefix != module:
            continue
        path, row = f"{module}:{identifier}" if module else identifier, _row(entry)
        if rows.setdefault(path, row) != row:
            raise Unreadable("a property is listed twice, with different contents")
    return rows


def _entries(answer: Answer, entry_name: str) -> list[Json]:
    if not answer.data and answer.document.get("Data", {}) not in ("", {}, []):
        raise Unreadable("Data is not an object")
    if "Data" not in answer.document and not answer.data:
        raise Unreadable("no Data")
    listed = answer.data.get("List")
    if isinstance(listed, dict) and listed:
        if entry_name not in listed:
            raise Unreadable(f"List without {entry_name}")
        listed = listed[entry_name]
    if listed in (None, "", [], {}):
        return []
    if isinstance(listed, dict):  # XML with a single entry
        return [listed]
    if not isinstance(listed, list):
        raise Unreadable("List is no list")
    return listed


def status_of(answer: Answer) -> tuple[bool, datetime | None]:
    """Whether the device is ONLINE, and when its connection began or ended.

    `Timestamp` is when the status changed, which for UNACTIVE and DISABLE is no contact with the device.
    Raises: Unreadable without a status that is documented.
    """
    status = text(answer.data, "Status")
    if status not in ("ONLINE", "OFFLINE", "UNACTIVE", "DISABLE"):
        raise Unreadable("no Status" if not status else "a Status that is not documented")
    was_connected = status in ("ONLINE", "OFFLINE")
    return status == "ONLINE", moment(answer.data.get("Timestamp")) if was_connected else None


def _row(entry: Mapping[str, Json]) -> Row:
    value, version = entry.get("Value"), integer(entry.get("Version"))
    is_version = version is not None and version >= 0
    return Row(ABSENT if value is None else value, version if is_version else None, moment(entry.get("Time")))


def _read_json(body: bytes) -> JsonObject:
    try:
        document = json_text.read(body)
    except json_text.BadJson as exc:
        raise Unreadable("not JSON") from exc
    if not isinstance(document, dict):
        raise Unreadable("not a JSON object")
    return document


def _read_xml(body: bytes) -> JsonObject:
    """XML as if it were the JSON form. A document type or an entity is refused before the parser sees it."""
    try:
        source = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Unreadable("not UTF-8") from exc
    if "<!DOCTYPE" in source or "<!ENTITY" in source:
        raise Unreadable("XML with a document type")
    try:
        root = ET.fromstring(source)  # noqa: S314  # no document type, hence no entities to expand
    except (ET.ParseError, ValueError) as exc:
        raise Unreadable("not XML") from exc
    document = _members(root, 0)
    if not isinstance(document, dict):
        raise Unreadable("empty XML")
    return document


def _members(element: ET.Element, depth: int) -> Json:
    if depth > _XML_DEPTH:
        raise Unreadable("XML nested too deep")
    if not len(element):
        return element.text or ""
    members: JsonObject = {}
    for child in element:
        value = _members(child, depth + 1)
        present = members.get(child.tag)
        if child.tag not in members:
            members[child.tag] = value
        elif isinstance(present, list):
            present.append(value)
        else:
            members[child.tag] = [present, value]
    return members
