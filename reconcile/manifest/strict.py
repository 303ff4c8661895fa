"""Bytes to text, strictly: UTF-8 only, no control characters, nothing that a reviewer cannot see.

A byte order mark of UTF-8 is accepted and dropped; editors on Windows write it. U+0085, U+2028 and U+2029 end a line
for YAML 1.1 and not for 1.2, and direction overrides show a reviewer another text than is sent: both are refused.
"""

from __future__ import annotations

import re

from reconcile.manifest import codes
from reconcile.manifest.codes import problem
from reconcile.model.diagnostic import Diagnostic, Span

MAX_FILE_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SAVE_AS = "Save the file as UTF-8 (in most editors: 'Save with encoding')."


def text_of(name: str, content: bytes) -> tuple[str, list[Diagnostic]]:
    """The text of a file without its byte order mark, and what is wrong with it; with an error the text is empty."""
    if len(content) > MAX_FILE_BYTES:
        return "", [too_large(name, len(content))]
    content = content.removeprefix(_BOM)
    if (encoding := _wide(content)) is not None:
        detail = f"It looks like {encoding}; manifests are UTF-8. {_SAVE_AS}"
        return "", [problem(codes.ENCODING, detail, Span(name, 1, 1))]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as exc:
        return "", [_not_utf8(name, content, exc.start)]
    found = _FORBIDDEN.search(text)
    return ("", [_forbidden(name, text, found.start())]) if found else (text, [])


def too_large(name: str, size_bytes: int) -> Diagnostic:
    """The refusal of a file above the limit."""
    detail = (
        f"The file has {size_bytes:,} bytes, the limit is {MAX_FILE_BYTES:,} (1 MiB). "
        "Split it into several files, or list the devices in an inventory (CSV or NDJSON)."
    )
    return problem(codes.LIMIT, detail, Span(name))


def _wide(content: bytes) -> str | None:
    for mark, encoding in _WIDE_BOMS.items():
        if content.startswith(mark):
            return encoding
    head = content[:64]
    # ASCII text in UTF-16 without a mark has a zero in every second byte.
    is_wide = len(head) >= 4 and (not any(head[0::2]) or not any(head[1::2]))
    return "UTF-16" if is_wide and any(head) else None


def _not_utf8(name: str, content: bytes, offset: int) -> Diagnostic:
    before = content[:offset].decode("utf-8")
    detail = (
        f"Byte 0x{content[offset]:02X} at offset {offset:,} is not UTF-8; "
        f"the file looks like {_guess(content)}. {_SAVE_AS}"
    )
    return problem(codes.ENCODING, detail, _place(name, before))


def _guess(content: bytes) -> str:
    if b"\0" in content[:4096]:
        return "a binary file"
    runs = re.findall(rb"[\x80-\xff]+", content)
    # GBK writes a Chinese character as two high bytes; Latin-1 has single ones between ASCII letters.
    return "GBK (GB18030)" if all(len(run) % 2 == 0 for run in runs) else "Latin-1 (Windows-1252)"


def _forbidden(name: str, text: str, index: int) -> Diagnostic:
    if text[index] == "\0":
        detail = "Found a NUL character: this is not a text file, or it was damaged. Restore it from git."
    else:
        detail = (
            f"Found the invisible character U+{ord(text[index]):04X}. Delete it; "
            'if a value needs it, write it as an escape in double quotes, like "\\u2028".'
        )
    return problem(codes.FORBIDDEN_CHARACTER, detail, _place(name, text[:index]))


def _place(name: str, before: str) -> Span:
    lines = re.split("\r\n|\r|\n", before)
    return Span(name, len(lines), len(lines[-1]) + 1)
