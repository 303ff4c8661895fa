"""Picks the concrete parts: the only module that names a platform package or a state store."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconcile.model.errors import StateError
from reconcile.model.fleet import StateConfig
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import JsonObject
from reconcile.platforms import registry
from reconcile.ports import Client, ClientSettings, Credentials, Platform, PlatformConfig, Secrets, StateStore


class Platforms(Mapping[str, Platform]):
    """Platforms by type, each imported when it is first asked for."""

    def __getitem__(self, key: str) -> Platform:
        found = registry.find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(registry.known_types())

    def __len__(self) -> int:
        return len(registry.known_types())


def platforms() -> Mapping[str, Platform]:
    """All platforms this installation knows, by type."""
    return Platforms()


def utc_now() -> datetime:
    """Our own clock."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """A clock for intervals, in seconds."""
    return time.monotonic()


def steady_clock() -> Callable[[], datetime]:
    """Our own clock as it went at this moment: a wall clock that is set anew later cannot move a deadline."""
    began, began_s = utc_now(), monotonic_s()
    return lambda: began + timedelta(seconds=monotonic_s() - began_s)


def open_store(url: str | None, config: StateConfig, folder: Path, *, create: bool) -> StateStore:
    """The state of a fleet: `url` (--state, RECONCILE_STATE) before the manifest's, whose path is relative to `folder`.

    Raises: StateError for a backend or URL that this version does not have.
    """
    from reconcile.state.backends import open_state
    from reconcile.state.sqlite import Sqlite

    if url is None and config.backend == "sqlite":
        return Sqlite.open(folder / config.path, create=create)
    return open_state(url or _address(config, folder), folder=folder, create=create)


def _address(config: StateConfig, folder: Path) -> str:
    """The URL of the manifest's state. Raises: StateError when it is not where the manifest says."""
    if config.url is not None:
        return config.url
    source, name = config.url_from or ("", "")
    try:
        found = os.environ.get(name) if source == "env" else (folder / name).read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise StateError(
            f"the address of the state cannot be read: {name} ({exc.strerror}). Correct the file."
        ) from exc
    if not found:
        where = f"environment variable {name} is not set" if source == "env" else f"{name} is empty"
        raise StateError(f"the address of the state is missing: {where}. Set it, or give --state.")
    return found


def are_built_in(type_names: Iterable[str]) -> bool:
    """Whether all of these platforms come with this program."""
    return registry.are_built_in(type_names)


def exported_device(record: RecordedDevice) -> JsonObject:
    """A record as an export has it."""
    from reconcile.state.codec import device_json

    return {"kind": "device", **device_json(record)}


def read_export(lines: Iterable[bytes]) -> Iterator[JsonObject]:
    """The records of an export of a state, one a line. Raises: StateError."""
    from reconcile.state.exported_lines import read_lines

    return read_lines(lines)


def check_export(bodies: Iterable[JsonObject]) -> None:
    """Reads all of an export and keeps nothing. Raises: StateError when any store would refuse it."""
    from reconcile.state.exported import Learned, verified

    for _ in verified(bodies, Learned()):
        pass


def state_folder(url: str | None, config: StateConfig, folder: Path) -> Path:
    """The folder that holds the state's file, for what is kept beside it; `.reconcile` for a state that is no file."""
    from reconcile.state.open import path_of

    if url is None:
        return (folder / (config.path or StateConfig().path)).parent
    try:
        return path_of(url).parent
    except StateError:
        return folder / ".reconcile"


def open_client(
    config: PlatformConfig,
    *,
    credentials: Credentials,
    secrets: Secrets,
    endpoint: str | None,
    pace: Callable[[], Awaitable[None]],
    throttled: Callable[[], object] = lambda: None,
) -> Client:
    """A client for one account."""
    settings = ClientSettings(
        config=config,
        credentials=credentials,
        secrets=secrets,
        endpoint=endpoint,
        pace=pace,
        now=steady_clock(),
        nonce=lambda: uuid.uuid4().hex,
        throttled=throttled,
    )
    return platforms()[config.type].open(settings)
