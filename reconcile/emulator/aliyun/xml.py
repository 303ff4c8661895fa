"""Answers as XML, which the gateway sends for signature version 1 without `Format`."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from reconcile.emulator.messages import Json

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold; what a caller sent comes back in messages."""


def render(root: str, payload: Json) -> bytes:
    """An XML document; a list repeats its element."""
    return f"<?xml version='1.0' encoding='UTF-8'?>{_element(root, payload)}".encode()


def _element(name: str, value: Json) -> str:
    match value:
        case list():
            return "".join(_element(name, entry) for entry in value)
        case dict():
            return f"<{name}>{''.join(_element(key, entry) for key, entry in value.items())}</{name}>"
        case bool():
            return f"<{name}>{'true' if value else 'false'}</{name}>"
        case None:
            return ""
        case _:
            text = escape(_ILLEGAL.sub("\ufffd", str(value)))
            return f"<{name}>{text}</{name}>"
