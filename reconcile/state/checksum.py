"""A checksum behind a stored JSON object, so that a byte that flips on a disk is found and not believed.

SQLite notices damage of its pages' structure, not of what lies in them; the journal has its chain, other rows have
this: `#` and the CRC-32 in eight hex digits, which no JSON object ends in. It is no seal against people.
"""

from __future__ import annotations

from zlib import crc32

_LENGTH = 9


def summed(body: bytes) -> bytes:
    """A JSON object with its checksum."""
    return b"%b#%08x" % (body, crc32(body))


def checked(stored: object) -> bytes:
    """The JSON object. Raises: ValueError when it is not what was stored. Rows of older versions have no checksum."""
    data = stored if isinstance(stored, bytes) else str(stored).encode()
    if data.endswith(b"}"):
        return data
    body = data[:-_LENGTH]
    if data != summed(body):
        raise ValueError("its checksum does not hold")
    return body
