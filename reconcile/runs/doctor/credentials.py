"""Where keys come from and whether they are there; never what they are."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconcile.model.examination import Finding, Mark
from reconcile.model.values import Json
from reconcile.ports import Platform, PlatformConfig
from reconcile.runs.keys import NamedKeys

_TOPIC = "credentials"


@dataclass(frozen=True, slots=True)
class Place:
    """Where keys are looked for: the environment, and the folder that file paths are relative to."""

    environ: Mapping[str, str]
    folder: Path


def look_at_keys(config: PlatformConfig, platform: Platform, place: Place) -> list[Finding]:
    """A finding for each declared credential, and one for each that is missing."""
    keys = NamedKeys(config, place.environ, place.folder)
    missing = [
        Finding(_TOPIC, Mark.PROBLEM, "credentials.missing", {"why": problem.detail})
        for problem in keys.problems(platform.credential_names(config))
    ]
    declared = config.spec.get("credentials")
    given = declared if isinstance(declared, dict) else {}
    return [*_given(given, keys, place), *missing]


def is_complete(findings: list[Finding]) -> bool:
    """True when calls can be signed."""
    return not any(finding.mark is Mark.PROBLEM for finding in findings)


def _given(declared: Mapping[str, Json], keys: NamedKeys, place: Place) -> Iterator[Finding]:
    for name, source in sorted(declared.items()):
        if not isinstance(source, dict):
            continue  # a resource name such as userid/38055, which is no secret
        value = keys.get(name)
        variable, file = source.get("env"), source.get("file")
        if value is None:
            if source.get("optional") is True:
                yield Finding(_TOPIC, Mark.OK, "credentials.optional", {"name": name})
            continue
        if isinstance(file, str):
            mode = stat.S_IMODE((place.folder / file).stat().st_mode)
            yield Finding(_TOPIC, Mark.OK, "credentials.file", {"name": name, "file": file, "mode": f"{mode:04o}"})
        elif isinstance(variable, str):
            yield Finding(_TOPIC, Mark.OK, "credentials.variable", {"name": name, "variable": variable})
        if value != value.strip():
            yield Finding(_TOPIC, Mark.WARNING, "credentials.spaces", {"name": name})
