"""Texts that are too long only when their limit counts bytes.

Premise: no page that we could read says whether `length` counts characters or bytes.
Rule: more characters than the limit are refused (`values`), because they are too long under both readings; more bytes
than the limit are a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.values import Json
from reconcile.platforms.aliyun.model import DataType, Kind
from reconcile.ports import Problem


def doubtful_texts(data_type: DataType, value: Json) -> Iterator[Problem]:
    """A warning for each text inside a value that fits in characters and not in bytes."""
    match data_type.kind, value:
        case Kind.TEXT, str():
            size = len(value.encode("utf-8", errors="surrogatepass"))
            if data_type.length is not None and len(value) <= data_type.length < size:
                yield _warning(len(value), size, data_type.length)
        case Kind.STRUCT, dict():
            for name, member in value.items():
                if name in data_type.members:
                    yield from doubtful_texts(data_type.members[name], member)
        case Kind.ARRAY, list():
            for entry in value if data_type.item else ():
                yield from doubtful_texts(data_type.item or data_type, entry)
        case _:
            return


def _warning(characters: int, size: int, limit: int) -> Problem:
    detail = (
        f"Found {characters} characters in {size} bytes, the limit is {limit}; which of the two it counts is not "
        "documented. Shorten the text to be sure."
    )
    return Problem("RCL206", "value is out of the range of this resource", detail, is_warning=True)
