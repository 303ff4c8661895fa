"""What the conformance kit must be told of a platform to try it, and odd input that no platform may stumble over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta

from reconcile.model.actions import Action, ExecuteNow, QueueExecute, QueueWrite, WriteNow
from reconcile.model.desired import Command
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject, secret
from reconcile.ports import Client, ClientSettings, Listing, NamedBytes, Platform, PlatformConfig, Problem, Stamp
from reconcile.testing.relay import Request

PLANTED = "planted-7d41a9"
"""The text of every secret."""

MARKER = secret("env", "KEY", "0" * 16)
ODD_TEXTS = ("", " ", "/", "//", "/0", "a:b:c", "\x00", "\ud800", "名字", "../..", "%2F", "-1", "x" * 5000)
ODD_VALUES: tuple[Json, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**400, 0.0, -0.0, 0.1, 1e308, 5e-324, float("inf"), float("nan"),
    "", " ", "0", "true", "null", "1e5", "0A1B", "0a1", "2026-11-22T08:00:00Z", "\x00", "\ud800", "水" * 3000,
    [], [1, [2, [3]]], {}, {"a": {"b": None}}, {"$secret": None}, {"$secret": {"env": "KEY"}},
)  # fmt: skip
ODD_FILES = (
    NamedBytes("models/empty.json", b""),
    NamedBytes("models/nul.json", b"\x00" * 64),
    NamedBytes("models/cut.json", b'{"schema": "https://iotx-tsl", "profile": {'),
    NamedBytes("models/deep.json", b"[" * 50_000),
    NamedBytes("models/list.json", b"[1, 2]"),
    NamedBytes("models/latin.xml", b'<?xml version="1.0" encoding="latin-1"?><LWM2M>\xe9'),
    NamedBytes("models/bomb.xml", b'<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "&b;">]><LWM2M>&b;</LWM2M>'),
    NamedBytes("models/outside.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><LWM2M>&b;</LWM2M>'),
    NamedBytes("README.md", b"# not a model"),
)


def _writes_unless_get(request: Request) -> bool:
    return request.method != "GET"


def _always(_action: Action) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Sample:
    """One account of a platform, a device on it and resources that can be written; everything else has a default.

    fields, name: what a Device's spec says of the device, and its metadata.name.
    values: by path as a manifest writes it, values that the resource can hold and that mean different things. At least
        one path with two values; give as many as one request can carry and one more, if the platform limits that.
    alike: (path, value, the same value in another form). bad_*: what must be refused with a Problem.
    credentials: what `credentials:` resolves to. commands: runnable where the platform runs commands.
    fits: whether a request is within the vendor's limits. is_write: whether a request on the wire changes anything.
    listing: which devices to list, for clients that are a `Lister`.
    """

    platform: Platform
    config: PlatformConfig
    values: Mapping[str, Sequence[Json]]
    fields: Mapping[str, str] = field(default_factory=dict)
    name: str = "device-1"
    types: Mapping[str, str] = field(default_factory=dict)
    alike: Sequence[tuple[str, Json, Json]] = ()
    bad_fields: Sequence[Mapping[str, str]] = ()
    bad_paths: Sequence[str] = ()
    bad_values: Sequence[tuple[str, Json]] = ()
    models: Sequence[NamedBytes] = ()
    credentials: Mapping[str, str] = field(default_factory=dict)
    commands: Sequence[Command] = ()
    fits: Callable[[Action], bool] = _always
    is_write: Callable[[Request], bool] = _writes_unless_get
    listing: Listing | None = None

    @property
    def identity(self) -> Identity:
        """The identity of the sample device."""
        found = self.platform.dialect.read_identity(self.fields, self.name)
        assert isinstance(found, Identity), found
        return found

    @property
    def ref(self) -> DeviceRef:
        """What the sample device is called."""
        return DeviceRef(self.config.name, self.name)

    @property
    def key(self) -> str:
        """The model key of the sample device."""
        return self.platform.dialect.model_key(self.identity)

    def settings(self, endpoint: str | None, turns: list[None] | None = None) -> ClientSettings:
        """What a client is opened with; `turns` grows with every request that asks for its turn."""

        async def pace() -> None:
            if turns is not None:
                turns.append(None)

        known = _Known(self.credentials)
        return ClientSettings(self.config, known, known, endpoint, pace, lambda: datetime.now(UTC), _Nonces())


@dataclass(frozen=True, slots=True)
class _Known:
    """Credentials by name; one planted text for every secret."""

    credentials: Mapping[str, str]

    def get(self, name: str) -> str | None:
        return self.credentials.get(name)

    def issue(self) -> int:
        """One issue for ever: these keys do not change."""
        return 1

    def renew(self, refused: int) -> bool:
        """There are no others."""
        return refused != 1

    def resolve(self, marker: JsonObject) -> str:
        assert "$secret" in marker
        return PLANTED


class _Nonces:
    """A different text each time, in every client of the process: clouds remember them."""

    _last = 0

    def __call__(self) -> str:
        _Nonces._last += 1
        return f"kit-{datetime.now(UTC).timestamp():.6f}-{_Nonces._last}"


def stamp_for(client: Client, action: Action) -> Stamp:
    """The deadlines that an apply would give the action, in whole seconds of the cloud's clock."""
    now = client.server_now()
    later = now.replace(microsecond=0) + timedelta(seconds=1)
    match action:
        case WriteNow() | ExecuteNow():
            return Stamp(now, not_after=later + timedelta(seconds=client.answer_timeout_s(action) + 5))
        case QueueWrite() | QueueExecute():
            valid_from = later + timedelta(seconds=action.queueing.valid_after_s)
            expires_at = later + timedelta(seconds=action.queueing.expire_after_s)
            return Stamp(now, valid_from, expires_at, not_after=valid_from)
        case _:
            return Stamp(now)


def refused(answer: object) -> bool:
    """Whether a dialect said no, and said it well: a code, a summary and a detail."""
    if not isinstance(answer, Problem):
        return False
    assert answer.code.startswith("RCL"), answer
    assert answer.summary, answer
    assert answer.detail, answer
    return True
