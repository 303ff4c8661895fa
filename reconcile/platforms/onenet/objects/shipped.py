"""The shipped catalogue, read object by object when somebody asks for one.

Form of the tables: a line without indentation begins an object: id, `*` (several instances) or `1` (one), name. A line
with one space is a resource: id, operations (`-` for none; then `!` mandatory, `?` contested), type (`*` for several
instances; in brackets OMA's type where OneNET's is another), range, unit (`-` for none), name. `&group` stands for the
rows of that group in `SHARED`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from reconcile.platforms.onenet.objects.definition import Kind, ObjectDefinition, Resource
from reconcile.platforms.onenet.objects.ranges import read_range


@cache
def shipped(object_id: int) -> ObjectDefinition | None:
    """The shipped definition of an object, or None."""
    block = _blocks().get(object_id)
    if block is None:
        return None
    head, *rows = block
    _, instances, name = head.split(" ", 2)
    resources = {resource.id: resource for resource in map(_resource, _expanded(rows))}
    return ObjectDefinition(object_id, name, instances == "*", resources)


@cache
def shipped_ids() -> tuple[int, ...]:
    """The objects that are shipped, ascending."""
    return tuple(sorted(_blocks()))


@cache
def shipped_names() -> dict[int, str]:
    """Names of the shipped objects by id; costs no reading of their resources."""
    return {object_id: block[0].split(" ", 2)[2] for object_id, block in _blocks().items()}


@cache
def _blocks() -> dict[int, list[str]]:
    from reconcile.platforms.onenet.objects import shipped_core, shipped_ipso

    blocks: dict[int, list[str]] = {}
    block: list[str] = []
    for line in (*shipped_core.TABLE.split("\n"), *shipped_ipso.TABLE.split("\n")):
        if line.startswith(" "):
            block.append(line)
        elif line:
            block = blocks[int(line.split(" ", 1)[0])] = [line]
    return blocks


def _expanded(rows: list[str]) -> Iterator[str]:
    from reconcile.platforms.onenet.objects import shipped_ipso

    for row in rows:
        if row.startswith(" &"):
            yield from _expanded(shipped_ipso.SHARED[row[2:]].strip("\n").split("\n"))
        else:
            yield row


def _resource(row: str) -> Resource:
    number, marked, typed, limits, unit, name = row.strip().split(" ", 5)
    written, _, registry = typed.rstrip("*)").partition("(")
    kind = Kind(written)
    return Resource(
        id=int(number),
        name=name,
        operations=marked.strip("-!?"),
        kind=kind,
        is_multiple=typed.endswith("*"),
        is_mandatory="!" in marked,
        limits=read_range(limits, kind),
        unit="" if unit == "-" else unit,
        registry_kind=Kind(registry) if registry else None,
        is_contested="?" in marked,
    )
