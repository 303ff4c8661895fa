"""What two thing models of one product say differently of its properties.

Names, labels and units are for people, and not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconcile.platforms.aliyun.model import DataType, Property, ThingModel, split_path


def differences(ours: ThingModel, published: ThingModel) -> Iterator[str]:
    """`-path` only ours has, `+path` only the published one has, `~path` they differ in; sorted by path.

    Modules that ours does not hold are passed over: their properties are not checked here anyway.
    """
    for path in sorted(ours.properties.keys() | published.properties.keys()):
        if split_path(path)[0] not in ours.modules:
            continue
        one, other = ours.properties.get(path), published.properties.get(path)
        if one is None or other is None:
            yield f"-{path}" if other is None else f"+{path}"
        elif _said(one) != _said(other):
            yield f"~{path}"


def _said(known: Property) -> object:
    return known.access, _bare(known.data_type)


def _bare(data_type: DataType) -> DataType:
    return replace(
        data_type,
        unit="",
        labels=dict.fromkeys(data_type.labels, ""),
        item=None if data_type.item is None else _bare(data_type.item),
        members={name: _bare(member) for name, member in data_type.members.items()},
    )
