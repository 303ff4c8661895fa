"""Which manifest files need not be read, kept between runs by their content: see `manifest/sealed.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from reconcile import __version__
from reconcile.manifest.document import Document
from reconcile.manifest.excerpt import excerpt, is_excerpt
from reconcile.manifest.kept import KeptFiles
from reconcile.manifest.sealed import Outline, Sealed, by_file, outline_of, outline_text, read_outline
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.values import Json
from reconcile.ports import NamedBytes
from reconcile.runs.content_cache import content_key, read_cache, write_cache
from reconcile.runs.later import Later
from reconcile.runs.manifest_cache import KnownFiles

FORM = "devices-7"
WORTHWHILE_DOCUMENTS = 200
"""Fewer are read as fast as they are looked up."""

Parsed: TypeAlias = "tuple[list[Document], list[Diagnostic]]"
Parse: TypeAlias = "Callable[[Sequence[NamedBytes], KeptFiles | None], Parsed]"
"""What files say; of those that are kept they are not asked again."""


class SealedFiles:
    """The manifest files of one run. `devices`: the documents of those that are sealed, once `read` was called."""

    def __init__(
        self,
        path: Path,
        files: Sequence[NamedBytes],
        schemas: Mapping[str, bytes],
        parse: Parse,
        parse_part: Parse,
    ) -> None:
        self._path, self._parse, self._parse_part, self._files = path, parse, parse_part, files
        content = hashlib.blake2b(digest_size=16)
        for name, schema in sorted(schemas.items()):
            content.update(f"{name} {len(schema)}\n".encode() + schema)
        self._form = f"{FORM} {__version__} {content.hexdigest()}"
        self._before = read_cache(path)
        self.is_first = not self._before  # most of what is read then is about to be sealed
        rest = self._before.get("rest")
        self._rest = KnownFiles(self._form, rest if isinstance(rest, dict) else {})
        self._shared = ""
        self._outlines: dict[str, Outline] = {}
        self._documents: dict[str, list[Document]] = {}
        self.devices = Sealed((), self._opened)

    def read(self) -> Parsed:
        """The documents of all files that are not sealed, and what is to be told of them."""
        kept = self._before.get("files")
        kept = kept if isinstance(kept, dict) else {}
        for file in self._files:
            outline = read_outline(kept.get(self._key(file)))
            if outline:
                self._outlines[file.name] = outline
        open_files = [file for file in self._files if file.name not in self._outlines]
        documents, told = self._parse(open_files, None if self.is_first else self._rest)
        self._seal(documents, told)
        self.devices = Sealed(list(self._outlines.values()), self._opened)
        rest = [one for one in documents if one.file not in self._outlines]
        has_namesakes = any(one.kind == "Device" and one.name in self.devices.texts for one in rest)
        if has_namesakes or self.devices.has_doubles or len(self.devices) < WORTHWHILE_DOCUMENTS:
            is_all = len(self._documents) == len(self._outlines)
            self._outlines, self._documents, self.devices = {}, {}, Sealed((), self._opened)
            return (documents, told) if is_all else self._parse(self._files, None)
        return rest, told

    def unread(self) -> Collection[str]:
        """The files that are sealed."""
        return self._outlines.keys()

    def know(self, shared: str) -> None:
        """Looks up what devices came to. `shared` names all that they have in common, but for what profiles set."""
        self._shared = f"{self._form} {shared}"
        own = self._before.get("own")
        if self._before.get("shared") == self._shared and isinstance(own, str):
            self.devices.known = Later(own)
            alike = self._before.get("alike")
            self.devices.known_alike = alike if isinstance(alike, dict) else {}

    def close(self) -> None:
        """Keeps what this run found out."""
        if not self._outlines and len(self.devices.found_alike) < WORTHWHILE_DOCUMENTS:
            return
        files: dict[str, Json] = {
            self._key(file): outline_text(self._outlines[file.name])
            for file in self._files
            if file.name in self._outlines
        }
        alike: dict[str, Json] = self.devices.lasting_alike() if self.devices.skips else {}
        alike |= self.devices.found_alike
        after: dict[str, Json] = {"files": files, "shared": self._shared, "own": self._own(), "alike": alike}
        after["rest"] = self._rest.used_of(file.content for file in self._files if file.name not in self._outlines)
        if after != self._before:
            write_cache(self._path, after)

    def _own(self) -> str:
        """What devices came to, as a text."""
        known, found = self.devices.known, self.devices.found
        if self.devices.skips and not found and isinstance(known, Later):
            return known.text
        own: dict[str, Json] = dict(known) if self.devices.skips else {}
        return Later.of(own | {ref: list(entry) for ref, entry in found.items()}).text

    def _seal(self, documents: Iterable[Document], told: Iterable[Diagnostic]) -> None:
        """Seals files that were read, about which there is nothing to tell."""
        faulty = {one.span.file for one in told}
        for name, inside in by_file(documents):
            outline = None if name in faulty else outline_of(inside)
            if outline is not None:
                self._outlines[name], self._documents[name] = outline, inside

    def _key(self, file: NamedBytes) -> str:
        return content_key(self._form, file.content)

    def _opened(self, names: Collection[str] | None) -> list[Document]:
        wanted = [
            file
            for file in self._files
            if file.name in self._outlines
            and (names is None or any(name in names for _, name, _ in self._outlines[file.name]))
        ]
        found = {file.name: self._documents[file.name] for file in wanted if file.name in self._documents}
        if names is not None:
            found |= self._cut([file for file in wanted if file.name not in found], names)
        unread = [file for file in wanted if file.name not in found]
        found |= by_file(self._parse(unread, None)[0] if unread else ())
        inside = (one for file in wanted for one in found.get(file.name, ()))
        return [one for one in inside if names is None or one.name in names]

    def _cut(self, files: Iterable[NamedBytes], names: Collection[str]) -> dict[str, list[Document]]:
        """By file, the documents of these names out of files that are mostly about others."""
        parts = []
        for file in files:
            outline = self._outlines[file.name]
            if 2 * sum(name in names for _, name, _ in outline) < len(outline):
                content = excerpt(file.content, outline, names)
                parts += [] if content is None else [NamedBytes(file.name, content)]
        read = by_file(self._parse_part(parts, None)[0] if parts else ())
        return {name: inside for name, inside in read if is_excerpt(inside, self._outlines[name], names)}
