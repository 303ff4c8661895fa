"""Values that pass through the emulator: one HTTP request, one answer, one response on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any
"""A parsed JSON value; its shape is what the emulator is there to check."""

JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "text/xml;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `query` is the raw query string; header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cloud decided: the JSON of the answer, its vendor code, whether something changed, how long it takes.

    `headers` are those that the cloud adds to the common ones.
    """

    payload: Json
    code: int | str
    status: int = 200
    landed: bool = False
    xml_root: str | None = None
    delay_s: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """Bytes for the wire, and how to deliver them.

    `delivery` is `whole`, `drop` (close without a byte) or `truncate` (announce all, send half, close).
    `seq` is the log entry to mark when the client turns out to be gone, 0 for control calls.
    """

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    date_ms: int = 0
    delivery: str = "whole"
    delay_s: float = 0.0
    seq: int = 0
    headers: tuple[tuple[str, str], ...] = ()
