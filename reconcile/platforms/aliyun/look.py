"""Looks at one device: the cloud's desired copy with its versions, the reported values, and whether it is connected."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Final, TypeVar

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed, InDoubt, Refused
from reconcile.model.observed import Look, ObservedDevice, ObservedResource
from reconcile.model.values import ABSENT, UNKNOWN, Known
from reconcile.platforms.aliyun import settle, wire
from reconcile.platforms.aliyun.ahead import Presence
from reconcile.platforms.aliyun.answers import Answer, Row, Unreadable, rows_of, status_of
from reconcile.platforms.aliyun.errors import may_concern_parameters
from reconcile.platforms.aliyun.gateway import Gateway
from reconcile.platforms.aliyun.model import by_module

T = TypeVar("T")

_NEVER: Final = Row(ABSENT, None, None)
"""A property that the device never reported is not listed, or listed without a value."""


async def observe(
    gateway: Gateway, ref: DeviceRef, identity: Identity, look: Look, noted: Presence | None = None
) -> ObservedDevice:
    """One look; a side that was not asked for, or could not be read, stays UNKNOWN. `noted` was learned ahead.

    A desired value that is absent may have been deleted by the device once it had applied it, so what the device
    reports is read then too, asked for or not. `problem` is set when the cloud's copy could not be read, or nothing at
    all could.
    """
    cloud = await _or_failure(desired_rows(gateway, identity, look.paths)) if look.wants_cloud else None
    if isinstance(cloud, CallFailed):
        return ObservedDevice(ref, problem=str(cloud))
    doubtful = look.paths if look.wants_reported else _absent(look.paths, cloud)
    reported = await _or_failure(_reported_rows(gateway, identity, doubtful)) if doubtful else None
    asks_presence = look.wants_uplink and noted is None
    presence = await _or_failure(_presence(gateway, identity)) if asks_presence else noted
    asked = [*([reported] if look.wants_reported else []), *([presence] if asks_presence else [])]
    failures = [str(part) for part in asked if isinstance(part, CallFailed)]
    seen = presence if isinstance(presence, Presence) else Presence()
    rows = {} if reported is None or isinstance(reported, CallFailed) else reported
    return ObservedDevice(
        ref,
        resources={path: _resource(path, cloud, rows) for path in look.paths},
        last_uplink=seen.at or UNKNOWN,
        is_online=seen.is_online,
        problem=failures[0] if failures and cloud is None and len(failures) == len(asked) else None,
        registered=seen.registered,
    )


def _absent(paths: tuple[str, ...], cloud: Mapping[str, Row] | None) -> tuple[str, ...]:
    """The paths that the cloud was asked for and holds no desired value of."""
    return () if cloud is None else tuple(path for path in paths if _wished_value(cloud.get(path)) is ABSENT)


async def desired_rows(gateway: Gateway, identity: Identity, paths: tuple[str, ...]) -> dict[str, Row]:
    """The cloud's desired copy by path, one query for each module. Raises: CallFailed.

    A read-only property "cannot be queried": whether it is left out or fails the query is not documented. So a query
    that fails for what it names is asked once more, naming nothing, which means all that can be queried.
    """
    rows: dict[str, Row] = {}
    for module, identifiers in by_module(paths).items():
        try:
            answer = await gateway.read(wire.query_desired(identity, module, identifiers))
        except Refused as exc:
            if not may_concern_parameters(exc.vendor_code):
                raise
            answer = await gateway.read(wire.query_desired(identity, module, ()))
        rows |= _listed(answer, "DesiredPropertyInfo", module)
    return rows


async def _reported_rows(gateway: Gateway, identity: Identity, paths: tuple[str, ...]) -> dict[str, Row]:
    """What the device last reported, by path; every path of the modules that were read is there. Raises: CallFailed."""
    rows: dict[str, Row] = dict.fromkeys(paths, _NEVER)
    for module in by_module(paths):
        answer = await gateway.read(wire.property_status(identity, module))
        rows |= _listed(answer, "PropertyStatusInfo", module)
    return rows


async def _presence(gateway: Gateway, identity: Identity) -> Presence:
    answer = await gateway.read(wire.device_status(identity))
    try:
        return Presence(*status_of(answer))
    except Unreadable as exc:
        raise InDoubt(f"GetDeviceStatus: {exc}") from exc


async def _or_failure(reading: Awaitable[T]) -> T | CallFailed:
    try:
        return await reading
    except CallFailed as failure:
        return failure


def _listed(answer: Answer, entry_name: str, module: str) -> dict[str, Row]:
    try:
        return rows_of(answer, entry_name, module)
    except Unreadable as exc:
        raise InDoubt(f"{entry_name}: {exc}") from exc


def _resource(path: str, cloud: Mapping[str, Row] | None, reported: Mapping[str, Row]) -> ObservedResource:
    wished = None if cloud is None else cloud.get(path)
    told = reported.get(path)
    return ObservedResource(
        cloud=UNKNOWN if cloud is None else _wished_value(wished),
        version=None if cloud is None else _version(wished),
        cloud_at=wished.at if wished else None,
        reported=UNKNOWN if told is None else told.value,
        reported_at=told.at if told else None,
    )


def _version(row: Row | None) -> int | None:
    """The version to guard a write with; None where a value comes without one, as compatible editions may answer."""
    return None if row is not None and row.version is None and row.value is not ABSENT else settle.version_now(row)


def _wished_value(row: Row | None) -> Known:
    """Version 0 means never set, or cleared, whatever else the entry shows.

    Source: QueryDeviceDesiredProperty; for one never set, no entry or an entry without Value (emulator `unset_listed`).
    """
    return ABSENT if row is None or row.version == 0 else row.value
