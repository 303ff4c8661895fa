"""Keys of cloud accounts: from environment variables or files, as the manifest names them; never kept or printed."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconcile.model.diagnostic import Diagnostic
from reconcile.model.values import Json
from reconcile.ports import PlatformConfig

_LOOSE = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class NamedKeys:
    """`ports.Credentials` of one platform. File paths are relative to the manifest folder."""

    config: PlatformConfig
    environ: Mapping[str, str]
    folder: Path

    def get(self, name: str) -> str | None:
        """The credential, or None when it is not declared, or not there."""
        declared = _declared(self.config).get(name)
        if isinstance(declared, str):
            return declared
        if not isinstance(declared, dict):
            return None
        if isinstance(source := declared.get("env"), str):
            return self.environ.get(source) or None
        if isinstance(source := declared.get("file"), str):
            path = self.folder / source
            return path.read_text(encoding="utf-8").strip() if path.is_file() else None
        return None

    def problems(self, required: Sequence[str]) -> Iterator[Diagnostic]:
        """What is missing or kept too openly, for the names that a call needs and those declared without `optional`."""
        for name, declared in sorted(_declared(self.config).items()):
            is_needed = name in required or not isinstance(declared, dict) or declared.get("optional") is not True
            if isinstance(declared, dict) and is_needed:
                yield from self._check(name, declared)
        for name in required:
            if name not in _declared(self.config):
                yield self._missing(name, f"credentials.{name} is not declared")

    def _check(self, name: str, declared: dict[str, Json]) -> Iterator[Diagnostic]:
        if isinstance(source := declared.get("env"), str) and not self.environ.get(source):
            yield self._missing(name, f"environment variable {source} is not set")
        if isinstance(source := declared.get("file"), str):
            path = self.folder / source
            if not path.is_file():
                yield self._missing(name, f"file {source} does not exist")
            elif path.stat().st_mode & _LOOSE:
                yield self._missing(name, f"file {source} may be read by others; run chmod 600 on it")

    def _missing(self, name: str, why: str) -> Diagnostic:
        return Diagnostic(
            "RCL411",
            "credential missing",
            f"platform {self.config.name}, credentials.{name}: {why}. Nothing was sent.",
            self.config.span,
        )


def _declared(config: PlatformConfig) -> Mapping[str, Json]:
    credentials = config.spec.get("credentials")
    return credentials if isinstance(credentials, dict) else {}
