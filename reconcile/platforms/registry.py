"""Finds platforms by their `type`.

Built-ins are imported by name, because scanning entry points costs every start; only a type that is not built in is
looked for in the entry point group `reconcile.platforms`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from reconcile.model.errors import ReconcileError
from reconcile.ports import Platform

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS: Final = "reconcile.platforms"

_BUILT_IN: Final = {"aliyun": "reconcile.platforms.aliyun", "onenet": "reconcile.platforms.onenet"}


def find(type_name: str) -> Platform | None:
    """The platform of that type, or None when nobody offers it. Raises: ReconcileError for a plug-in that is broken."""
    module = _BUILT_IN.get(type_name)
    return _plugged_in(type_name) if module is None else _built_in(module)


def are_built_in(type_names: Iterable[str]) -> bool:
    """Whether all of these types come with this program: what others make of a manifest is not kept between runs."""
    return all(name in _BUILT_IN for name in type_names)


@cache
def _built_in(module: str) -> Platform:
    return cast("Platform", import_module(module).PLATFORM)


@cache
def _plugged_in(type_name: str) -> Platform | None:
    """Looked for once: every device of a fleet asks, and a scan reads the metadata of all that is installed."""
    from importlib.metadata import entry_points

    found = sorted(entry_points(group=ENTRY_POINTS, name=type_name), key=_package)
    if len(found) > 1:
        names = " and ".join(map(_package, found))
        raise _broken(
            type_name, f"{names} both offer it. Uninstall one: which of them gets the keys must not be chance."
        )
    return _loaded(type_name, found[0]) if found else None


def _loaded(type_name: str, entry_point: EntryPoint) -> Platform:
    where = f"package {_package(entry_point)}, entry point {entry_point.value}"
    try:
        platform = entry_point.load()
    except Exception as exc:  # whatever somebody else's module does while it is imported
        raise _broken(
            type_name, f"{where}: found {type(exc).__name__}: {exc}. Install it again, or repair it."
        ) from exc
    missing = [name for name in ("type", "dialect", "credential_names", "open") if not hasattr(platform, name)]
    if missing:
        raise _broken(type_name, f"{where}: expected a `reconcile.ports.Platform`; it lacks {', '.join(missing)}.")
    return cast("Platform", platform)


def _package(entry_point: EntryPoint) -> str:
    return entry_point.dist.name if entry_point.dist else "(unknown)"


def _broken(type_name: str, why: str) -> ReconcileError:
    return ReconcileError(f"platform type {type_name} cannot be used: {why}", code="RCL423")


def known_types() -> tuple[str, ...]:
    """Every type that `find` knows, sorted; third parties included."""
    from importlib.metadata import entry_points

    return tuple(sorted({*_BUILT_IN, *(entry_point.name for entry_point in entry_points(group=ENTRY_POINTS))}))
