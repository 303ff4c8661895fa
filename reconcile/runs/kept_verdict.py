"""That a folder is valid, kept between runs by the content of everything it was found from.

Premise: a pipeline validates the same thousands of files for every change beside them.
Rule: it is kept, with its warnings, only where no moment and no environment has a part in it; whatever it was found
from is read again and compared by content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from reconcile import __version__
from reconcile.manifest.document import Fleet
from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.late import dataclass
from reconcile.model.policy import NO_POLICIES
from reconcile.model.values import Json
from reconcile.ports import NamedBytes, NamedContent, Problem, Source
from reconcile.runs.content_cache import content_key, read_cache, write_cache
from reconcile.runs.content_digest import content_digest
from reconcile.runs.load import INVENTORY_LIMIT_BYTES, MODELS_LIMIT_BYTES
from reconcile.runs.shipped import schemas
from reconcile.runs.wiring import are_built_in

FORM = "valid-1"
WORTHWHILE_FILES = 50
_DATED = (b"Hold", b"Policy", b"allow", b"until", b"provider")
"""Words of what depends on a day, or on the environment: most such folders are told by them before anything is read.

YAML can spell a word in many ways, so what was read decides what is kept: `_is_lasting`.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a valid folder: `diagnostics` are warnings."""

    name: str
    devices: int
    configurations: int
    platforms: int
    diagnostics: tuple[Diagnostic, ...] = ()

    @classmethod
    def of(cls, fleet: Fleet) -> Verdict:
        """The verdict on a fleet without errors."""
        configurations = len({id(device.document) for device in fleet.devices})
        return cls(fleet.name, len(fleet.devices), configurations, len(fleet.platforms), tuple(fleet.diagnostics))


class KeptVerdicts:
    """The verdict on one folder, as it was when it was last valid."""

    def __init__(self, path: Path, source: Source) -> None:
        self._path, self._source = path, source
        self._files, unread = source.manifests()
        content = hashlib.blake2b(digest_size=16)
        for name, schema in sorted(schemas().items()):
            content.update(f"{name} {len(schema)}\n".encode() + schema)
        form = f"{FORM} {__version__} {content.hexdigest()}"
        self._key = content_key(form, content_digest(self._files).encode())
        is_dated = any(word in file.content for file in self._files for word in _DATED)
        self._is_kept = not unread and not is_dated and len(self._files) >= WORTHWHILE_FILES

    def known(self) -> Verdict | None:
        """The verdict, when every file is as it was; None when it has to be found."""
        match read_cache(self._path).get(self._key) if self._is_kept else None:
            case [[*inventories], [*folders], str(digest), [str(name), *counts], [*warnings]]:
                devices, kinds, platforms = (count for count in counts if isinstance(count, int))
                rest = self._rest([str(path) for path in inventories], [str(path) for path in folders])
                if rest is not None and content_digest((*self._files, *rest)) == digest:
                    return Verdict(name, devices, kinds, platforms, tuple(map(_warning, warnings)))
        return None

    def keep(self, fleet: Fleet, verdict: Verdict) -> None:
        """Keeps the verdict on a fleet without errors."""
        if not self._is_kept or not _is_lasting(fleet):
            return
        counts: list[Json] = [verdict.name, verdict.devices, verdict.configurations, verdict.platforms]
        warnings: list[Json] = [
            [one.code, one.summary, one.detail, one.span.file, one.span.line, one.span.column, one.is_local]
            for one in verdict.diagnostics
        ]
        paths: list[Json] = [list(fleet.inventories), list(fleet.folders)]
        write_cache(self._path, {self._key: [*paths, fleet.digest, counts, warnings]})

    def _rest(self, inventories: Sequence[str], folders: Sequence[str]) -> list[NamedContent] | None:
        """Everything else that the fleet was read from; None where it cannot be read."""
        found: list[NamedContent] = []
        for path in inventories:
            file = self._source.read(path, INVENTORY_LIMIT_BYTES)
            if isinstance(file, Problem):
                return None
            found.append(file)
        models: dict[str, NamedBytes] = {}
        for path in folders:
            files, problems = self._source.read_folder(path, MODELS_LIMIT_BYTES)
            if problems:
                return None
            models.update((file.name, file) for file in files)
        return [*found, *models.values()]


def _is_lasting(fleet: Fleet) -> bool:
    """Whether the verdict is the same on every day and in every environment: what ended stays ended."""
    platforms = fleet.platforms.values()
    ends = fleet.holds or fleet.safety.allowances or any(limits.allowances for limits in fleet.safety.profiles)
    is_asked = fleet.asks or fleet.policies != NO_POLICIES
    is_told = any("provider" in str(config.spec.get("credentials")) for config in platforms)
    return not (ends or is_asked or is_told) and are_built_in([config.type for config in platforms])


def _warning(body: Json) -> Diagnostic:
    match body:
        case [str(code), str(summary), str(detail), str(file), int(line), int(column), bool(is_local)]:
            return Diagnostic(code, summary, detail, Span(file, line, column), Severity.WARNING, is_local)
    raise ValueError(body)  # the checksum held, so it is ours and of this form
