"""Values as YAML text that the strict reader takes back as the same values.

Rule: text is plain where nothing else could be meant, else in double quotes; what cannot be seen is escaped.
Collections are written in one line (flow style).
"""

from __future__ import annotations

import re

from reconcile.model.values import Json

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*|(?:/[0-9]+){2,3}")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def spell(value: Json) -> str:
    """The value as YAML, in one line. Raises: ValueError for what no manifest can hold (half a surrogate pair)."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return spell_text(value)
        case list():
            return f"[{', '.join(map(spell, value))}]"
        case dict():
            if "\0" in value:
                raise ValueError("a key may not be a NUL character")
            return f"{{{', '.join(f'{spell_text(name)}: {spell(item)}' for name, item in value.items())}}}"


def spell_text(text: str) -> str:
    """A text, or a key. Raises: ValueError."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return f'"{"".join(map(_shown, text))}"'


def _shown(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError("half of a surrogate pair is not a character")
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def spell_entry(value: Json, value_type: str | None = None, mode: str | None = None) -> str:
    """What stands behind a resource: the value alone, or `{value: V, type: T, mode: M}`. A plain `${` is kept plain."""
    literal = literally(value)
    if value_type is None and mode is None and not isinstance(value, dict):
        return spell(literal)
    parts: dict[str, Json] = {"value": literal}
    if value_type is not None:
        parts["type"] = value_type
    if mode is not None:
        parts["mode"] = mode
    return spell(parts)


def literally(value: Json) -> Json:
    """The value with every `${` written so that it is no variable."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [literally(item) for item in value]
    if isinstance(value, dict):
        return {name: literally(item) for name, item in value.items()}
    return value


def block(value: Json, indent: int = 0) -> str:
    """A document: mappings of several members over several lines, everything else in one."""
    assert isinstance(value, dict), "documents are mappings"
    pad = "  " * indent
    lines = []
    for name, item in value.items():
        flow = spell(item)
        is_long = isinstance(item, dict) and item and len(flow) + len(name) + len(pad) > 100
        key = f"{pad}{spell_text(name)}:"
        lines.append(f"{key}\n{block(item, indent + 1)}" if is_long else f"{key} {flow}\n")
    return "".join(lines)
