"""Files of Device documents that are not read: their names are known, and what their devices came to.

Premise: one device in a hundred has a document of its own, and reading ten thousand documents takes longer than
streaming a million rows. Rule: a file is sealed when nothing was to be said about it and it holds Device documents
alone, which only set values and labels; it is opened for the devices that are to be compiled. What a device came to
is known by its document, its row, and everything that all devices share. Which labels a document adds is known without
opening it, so that whoever asks for devices by labels opens those alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from reconcile.manifest.document import Document
from reconcile.manifest.inventory_row import IDENTITY_FIELDS
from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.values import Json, canonical

Entry: TypeAlias = "tuple[str, str]"
"""The platform of a document's device and what it says: a hash, and behind it the labels it adds, if any."""
Outline: TypeAlias = "list[tuple[str, str, str]]"
"""Platform, name and what it says, as in an entry, of every document of a file."""

WorkOut: TypeAlias = "Callable[[], tuple[str | None, bool]]"

_HEXADECIMAL = frozenset("0123456789abcdef")
_ELSEWHERE = frozenset({"safety", "rollout", *IDENTITY_FIELDS})
"""Members that matter beyond the device's own values."""


def outline_of(documents: Sequence[Document]) -> Outline | None:
    """What a file may be sealed under; None for one that must be read."""
    found: Outline = []
    for document in documents:
        spec = document.body.get("spec")
        if document.kind != "Device" or not isinstance(spec, dict) or not _ELSEWHERE.isdisjoint(spec):
            return None
        platform = spec.get("platform")
        if not isinstance(platform, str) or "\n" in platform:  # an outline is kept by lines
            return None
        said = document.said or _hash(canonical(document.body))
        added = _labels(document)
        found.append((platform, document.name, f"{said} {json.dumps(added)}" if added else said))
    return found or None


def _labels(document: Document) -> dict[str, str]:
    metadata = document.body.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    written = labels.items() if isinstance(labels, dict) else ()
    return {name: str(value) for name, value in written if value is not None}


@dataclass(slots=True)
class Sealed:
    """Device documents of sealed files. `known`: what devices came to, by ref; `found`: the same after this run.

    `opens` reads the documents of some names, or of all. With `skips` not every row was looked at, and what is known of
    the others stays known. `known_alike` and `found_alike`: what devices without documents of their own come to, by
    platform, product and the profiles that cover them. `said`: digests of what profiles set, one for each bit.
    """

    outlines: Sequence[Outline]
    opens: Callable[[Collection[str] | None], list[Document]]
    known: Mapping[str, Json] = field(default_factory=dict)
    found: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    texts: Mapping[str, Entry] = field(default_factory=dict)
    known_alike: Mapping[str, Json] = field(default_factory=dict)
    found_alike: dict[str, str] = field(default_factory=dict)
    said: Sequence[str] = ()
    skips: bool = False
    _together: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.texts = {name: (platform, text) for outline in self.outlines for platform, name, text in outline}

    def __len__(self) -> int:
        return sum(map(len, self.outlines))

    @property
    def has_doubles(self) -> bool:
        """Whether a name is there twice, on two platforms or on one."""
        return len(self.texts) < len(self)

    def labels_of(self, name: str) -> dict[str, str]:
        """The labels that a document adds to those of its device's row, or says in their place."""
        _, _, added = self.texts[name][1].partition(" ")
        return {key: str(value) for key, value in json.loads(added).items()} if added else {}

    def alike(self, platform: str, model_key: str, covering: int, work_out: WorkOut) -> tuple[str | None, bool]:
        """What devices come to that these profiles cover, and whether all of them do; worked out where not known."""
        key = f"{platform} {model_key} {covering:x} {self._said_by(f'{covering:x}')}"
        known = self.found_alike.get(key) or self.known_alike.get(key)
        if isinstance(known, str):
            self.found_alike[key] = known
            return known, True
        digest, is_shared = work_out()
        if is_shared and digest is not None:
            self.found_alike[key] = digest
        return digest, is_shared

    def known_of(self, platform: str, name: str, header: str, line: str) -> tuple[str, int] | None:
        """What the device of that line came to, and the profiles that cover it; None when that is not known."""
        ref = f"{platform}/{name}"
        match self.known.get(ref):
            case [str(key), str(digest), str(covering)] if key == self._key(name, header, line, covering):
                self.found[ref] = key, digest, covering
                return digest, int(covering, 16)
        return None

    def note(self, ref: DeviceRef, line: tuple[str, str], digest: str, covering: int) -> None:
        """Keeps what the device of that header and line came to."""
        covered = f"{covering:x}"
        self.found[str(ref)] = (self._key(ref.name, *line, covered), digest, covered)

    def lasting_alike(self) -> dict[str, Json]:
        """Of `known_alike`, what profiles that set the same now came to."""
        parts = {key: key.split(" ") for key in self.known_alike}
        return {key: self.known_alike[key] for key, (*_, by, said) in parts.items() if self._said_by(by) == said}

    def _key(self, name: str, header: str, line: str, covering: str) -> str:
        _, text = self.texts[name]
        return _hash(f"{text}\n{self._said_by(covering)}\n{header}\n{line}".encode())

    def _said_by(self, covering: str) -> str:
        """A digest of what these profiles set."""
        if covering not in self._together:
            bits = int(covering, 16) if all(sign in _HEXADECIMAL for sign in covering) else 0
            together = " ".join(said for number, said in enumerate(self.said) if bits >> number & 1)
            self._together[covering] = _hash(f"{covering} {together}".encode())
        return self._together[covering]


def outline_text(outline: Outline) -> str:
    """An outline in the form to keep: three lines a document."""
    return "\n".join(text for entry in outline for text in entry)


def read_outline(body: Json) -> Outline | None:
    """The reverse of `outline_text`; None when it is none."""
    lines = body.split("\n") if isinstance(body, str) else []
    return None if len(lines) % 3 else list(zip(lines[0::3], lines[1::3], lines[2::3], strict=True))


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def by_file(documents: Iterable[Document]) -> Iterator[tuple[str, list[Document]]]:
    """The documents of each file."""
    files: dict[str, list[Document]] = {}
    for document in documents:
        files.setdefault(document.file, []).append(document)
    yield from files.items()
