"""What is kept between runs by the content it was made from: one file, replaced as a whole.

A cache that cannot be read or written is none, and so is one of which a byte has flipped. It may be deleted at any
time; of two commands at once the later one's file stays. It is the user's own, like their manifests.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from reconcile.model.values import Json

_LARGEST_BYTES = 64 * 1024 * 1024


def cache_file(kind: str, folder: Path, environ: Mapping[str, str]) -> Path | None:
    """The file of a kind for a manifest folder, in the user's cache folder; None where there is no such folder."""
    root = environ.get("XDG_CACHE_HOME") or (environ.get("HOME") and str(Path(environ["HOME"]) / ".cache"))
    if not root:
        return None
    name = hashlib.blake2b(os.fsencode(folder.absolute()), digest_size=16).hexdigest()
    return Path(root) / "reconcile" / f"{kind}-{name}.json"


def content_key(form: str, content: bytes) -> str:
    """The key of what was made from a content in a form."""
    return f"{form} {hashlib.blake2b(content, digest_size=32).hexdigest()}"


def read_cache(path: Path) -> dict[str, Json]:
    """What is kept; nothing when the file is absent, too large, or not as it was written."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return {}
        checksum, _, text = path.read_bytes().partition(b"\n")
        content = json.loads(text) if checksum == _checksum(text) else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def write_cache(path: Path, entries: Mapping[str, Json]) -> None:
    """Atomically, or not at all."""
    import tempfile

    text = json.dumps(entries, separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
            file.write(_checksum(text) + b"\n" + text)
        Path(file.name).replace(path)


def _checksum(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).hexdigest().encode()
