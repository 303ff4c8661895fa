"""The one sanitiser: what others wrote, made inert before it is shown.

Premise: device names, platform messages and values come from people and clouds we do not know, and are printed into
terminals, CI logs, pull requests and pages. Rule: every invisible character is shown as an escape, so a text can
neither move the cursor, reorder a line, open a new one, nor start a command of the CI runner; letters of any script
pass. The obvious way (delete what is dangerous) would make two different values look the same.
"""

from __future__ import annotations

import json
import re

from reconcile.model.values import Json

LIMIT = 400
"""Characters of a foreign text that are shown unless the caller says otherwise."""

_IDEOGRAPHIC_SPACE = "\u3000"
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

_RUNNER_MARK = re.compile(r"##(?=\w*\[)")
"""`##[group]`, `##vso[task...]`, `##teamcity[`: runners obey them anywhere in a line."""

_RUNNER_LINE = re.compile(r"(?:(?<=\s)|^)::")
"""`::error::`: GitHub's runner obeys it where a line begins, spaces before it do not count."""


def inert(text: str, limit: int = LIMIT) -> str:
    """Foreign text on one line, at most `limit` characters of it, with everything invisible shown as an escape."""
    rest = len(text) - limit
    shown = text if rest <= 0 else text[:limit]
    if _holds_invisible(shown):
        shown = "".join(map(_visible, shown))
    shown = _RUNNER_LINE.sub(r"\\::", _RUNNER_MARK.sub(r"#\\#", shown))
    return shown if rest <= 0 else f"{shown}…[+{rest}]"


def inert_json(value: Json) -> str:
    """One line of JSON that reads back as the same value; invisible characters are JSON escapes, scripts stay readable.

    Raises: ValueError for NaN and infinities, which JSON cannot carry.
    """
    text = _ENCODER.encode(value)
    if _holds_invisible(text):
        text = "".join(c if _is_visible(c) else json.dumps(c)[1:-1] for c in text)
        # json.dumps leaves DEL as it is.
        text = text.replace("\x7f", r"\u007f")
    return _RUNNER_MARK.sub(r"#\\u0023", text) if "##" in text else text


def html_text(text: str, limit: int = LIMIT) -> str:
    """Foreign text for HTML, in an element or in a quoted attribute."""
    import html

    return html.escape(inert(text, limit), quote=True)


def markdown_code(text: str, limit: int = LIMIT) -> str:
    """Foreign text as a code span: no link, mention, image, emphasis, HTML or new table cell can come of it.

    Backtick and pipe become escapes: hosts disagree on how either is quoted inside a code span inside a table.
    """
    return "`" + (inert(text, limit).replace("`", r"\x60").replace("|", r"\x7c") or " ") + "`"


def guarded(line: str) -> str:
    """A finished line that no runner takes for a command, whatever the wrapping put first."""
    return line.replace("::", r"\::", 1) if line.lstrip().startswith("::") else line


def _holds_invisible(text: str) -> bool:
    return not text.isprintable() or not (text.isascii() or _BLANKS.isdisjoint(text))


def _is_visible(character: str) -> bool:
    return (character.isprintable() and character not in _BLANKS) or character == _IDEOGRAPHIC_SPACE


def _visible(character: str) -> str:
    if _is_visible(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return _SHORT.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
