"""Answers as XML, which the gateway sends for signature version 1 without `Format`."""

from __future__ import annotations

from xml.sax.saxutils import escape

from reconcile.emulator.messages import Json


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
            return f"<{name}>{escape(str(value))}</{name}>"
