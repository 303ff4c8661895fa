"""Where keys come from and whether they are there; never what they are."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from reconcile.model.examination import Finding, Mark
from reconcile.model.values import JsonObject
from reconcile.ports import PlatformConfig
from reconcile.runs.keys import NamedKeys
from reconcile.runs.keys_read import PROVIDER, declared, provider_of

_TOPIC = "credentials"


def look_at_keys(config: PlatformConfig, keys: NamedKeys, required: Sequence[str], folder: Path) -> list[Finding]:
    """A finding for each declared credential, and one for each that is missing, unusable or expired."""
    troubles = [
        Finding(_TOPIC, Mark.PROBLEM, "credentials.missing", {"why": each.detail}) for each in keys.problems(required)
    ]
    return [*_given(config, keys, folder), *troubles]


def is_complete(findings: Iterable[Finding]) -> bool:
    """True when calls can be signed."""
    return not any(finding.mark is Mark.PROBLEM for finding in findings)


def _given(config: PlatformConfig, keys: NamedKeys, folder: Path) -> Iterator[Finding]:
    whole = provider_of(config)
    if whole is not None:
        yield Finding(_TOPIC, Mark.OK, "credentials.provider", {"name": "all", "provider": whole})
    for name, source in sorted(declared(config).items()):
        if not isinstance(source, dict):
            continue  # a resource name such as userid/38055, which is no secret
        value = keys.get(name)
        if value is not None:
            yield _source(name, source, folder)
            if value != value.strip():
                yield Finding(_TOPIC, Mark.WARNING, "credentials.spaces", {"name": name})
        elif source.get("optional") is True:
            yield Finding(_TOPIC, Mark.OK, "credentials.optional", {"name": name})


def _source(name: str, source: JsonObject, folder: Path) -> Finding:
    if isinstance(file := source.get("file"), str):
        mode = stat.S_IMODE((folder / file).stat().st_mode)
        return Finding(_TOPIC, Mark.OK, "credentials.file", {"name": name, "file": file, "mode": f"{mode:04o}"})
    if PROVIDER in source:
        values = {"name": name, "provider": str(source[PROVIDER])}
        return Finding(_TOPIC, Mark.OK, "credentials.provider", values)
    return Finding(_TOPIC, Mark.OK, "credentials.variable", {"name": name, "variable": str(source.get("env"))})
