"""One reading of all keys of a platform: their values, when the first of them ends, and what is wrong with the others.

| declared | comes from |
| --- | --- |
| text | itself: `resource: userid/38055` is no secret |
| `{env: NAME}` | a variable of whoever runs the command |
| `{file: PATH}` | a private file of one line |
| `{provider: NAME, ...}` | a provider, for this key |
| `credentials: {provider: NAME, ...}` | a provider, for all keys at once |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path

from reconcile.credentials.expiry import moment_of
from reconcile.credentials.file import KeyFileError, read_key
from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.ports import IssuedKeys, KeyRequest, PlatformConfig

PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose keys, from where; `names` are those that calls need."""

    config: PlatformConfig
    environ: Mapping[str, str] = field(repr=False)
    folder: Path
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no usable key of a name; the empty name stands for all of them. `is_optional`: it may be so."""

    name: str
    why: str
    code: str = "RCL411"
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """Keys that were read together. `first_to_end` is the one that `expires` is about."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    expires: datetime | None = None
    first_to_end: str = ""
    faults: tuple[Fault, ...] = ()

    def with_faults(self, faults: tuple[Fault, ...]) -> Issue:
        """The same keys, and why there are no newer ones."""
        return replace(self, faults=faults)


def declared(config: PlatformConfig) -> Mapping[str, Json]:
    """The credentials of a platform as the manifest names them; none where a provider issues them all."""
    return {} if provider_of(config) is not None else _credentials(config)


def provider_of(config: PlatformConfig) -> str | None:
    """The provider that issues all keys of a platform, if one does."""
    name = _credentials(config).get(PROVIDER)
    return name if isinstance(name, str) else None


def _credentials(config: PlatformConfig) -> JsonObject:
    credentials = config.spec.get("credentials")
    return credentials if isinstance(credentials, dict) else {}


def read_issue(asked: Asked) -> Issue:
    """Reads every key once. Never raises for what is missing or wrong."""
    if provider_of(asked.config) is not None:
        return _issued_whole(asked, _credentials(asked.config))
    values: dict[str, str] = {}
    ends: dict[str, datetime] = {}
    faults: list[Fault] = []
    for name, source in sorted(declared(asked.config).items()):
        if isinstance(source, str):
            values[name] = source
        elif isinstance(source, dict):
            try:
                values[name] = _value(asked, name, source, ends)
            except _NoKey as exc:
                is_optional = exc.is_absent and source.get("optional") is True
                faults.append(Fault(name, str(exc), exc.code, is_optional))
    first = min(ends, key=lambda name: ends[name], default="")
    return Issue(values, ends.get(first), first, tuple(faults))


class _NoKey(Exception):
    """Why a source gives no key."""

    def __init__(self, why: str, *, is_absent: bool = False, code: str = "RCL411") -> None:
        super().__init__(why)
        self.is_absent, self.code = is_absent, code


def _value(asked: Asked, name: str, source: JsonObject, ends: dict[str, datetime]) -> str:
    if PROVIDER in source:
        issued = _issued(asked, source, (name,))
        if issued.expires is not None:
            ends[name] = issued.expires
        if not issued.values.get(name):
            raise _NoKey(f"provider {source[PROVIDER]} issued no {name}", is_absent=True, code="RCL415")
        return issued.values[name]
    value = _text(asked, source)
    expires = source.get("expires")
    if isinstance(expires, dict):
        try:
            ends[name] = moment_of(_text(asked, expires))
        except ValueError as exc:
            raise _NoKey(f"expires: {exc}") from exc
        except _NoKey as exc:
            raise _NoKey(f"expires: {exc}") from exc
    return value


def _text(asked: Asked, source: JsonObject) -> str:
    """What a variable or a file holds."""
    if isinstance(variable := source.get("env"), str):
        value = asked.environ.get(variable, "")
        if not value:
            raise _NoKey(f"environment variable {variable} is not set", is_absent=True)
        return value
    try:
        return read_key(asked.folder, str(source.get("file")))
    except KeyFileError as exc:
        raise _NoKey(str(exc), is_absent=exc.is_absent) from exc


def _issued_whole(asked: Asked, credentials: JsonObject) -> Issue:
    try:
        issued = _issued(asked, credentials, asked.names)
    except _NoKey as exc:
        return Issue(faults=(Fault("", str(exc), exc.code),))
    return Issue({name: value for name, value in issued.values.items() if value}, issued.expires)


def _issued(asked: Asked, source: JsonObject, names: Sequence[str]) -> IssuedKeys:
    from reconcile.credentials.registry import find  # scanning entry points costs every start

    name = str(source[PROVIDER])
    spec = {member: value for member, value in source.items() if member not in {PROVIDER, "optional"}}
    request = KeyRequest(asked.config.name, tuple(names), spec, asked.environ, str(asked.folder))
    try:
        provider = find(name)
        if provider is None:
            raise _NoKey(f"no provider {name} is installed", code="RCL415")
        return provider.issue(request)
    except ReconcileError as exc:
        raise _NoKey(f"provider {name}: {str(exc).removesuffix('.')}", code="RCL415") from exc
