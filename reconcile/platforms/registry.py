"""Finds platforms by their `type`.

Built-ins are imported by name, because scanning entry points costs every start; only a type that is not built in is
looked for in the entry point group `reconcile.platforms`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from reconcile.ports import Platform

ENTRY_POINTS: Final = "reconcile.platforms"

_BUILT_IN: Final = {"aliyun": "reconcile.platforms.aliyun", "onenet": "reconcile.platforms.onenet"}


def find(type_name: str) -> Platform | None:
    """The platform of that type, or None when nobody offers it."""
    module = _BUILT_IN.get(type_name)
    if module is not None:
        return cast("Platform", import_module(module).PLATFORM)
    from importlib.metadata import entry_points

    for entry_point in entry_points(group=ENTRY_POINTS, name=type_name):
        return cast("Platform", entry_point.load())
    return None


def known_types() -> tuple[str, ...]:
    """Every type that `find` knows, sorted; third parties included."""
    from importlib.metadata import entry_points

    return tuple(sorted({*_BUILT_IN, *(entry_point.name for entry_point in entry_points(group=ENTRY_POINTS))}))
