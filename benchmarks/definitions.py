"""Loads a generated folder of LwM2M object definitions, in one of several ways, and audits documents with it.

`write` makes the folder, of the size that OMA's registry has. `interpreter` only imports. `elementtree` reads every
file into dicts with the standard library, as an afternoon's script would. `parsed` and `kept` are ours: from the files,
and from what the run before has kept of them. `audit` checks that many documents against the definitions kept.
Run: `python -m benchmarks.definitions WAY FOLDER COUNT`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.platforms.registry import find
from reconcile.ports import NamedBytes
from reconcile.runs.model_cache import ModelCache

RESOURCES = 14
FIRST = 26_241
WORDS = "The minimum value that can be measured by the sensor. " * 6
ITEM = """
      <Item ID="{id}">
        <Name>Resource number {number}</Name>
        <Operations>RW</Operations>
        <MultipleInstances>Single</MultipleInstances>
        <Mandatory>Optional</Mandatory>
        <Type>Float</Type>
        <RangeEnumeration>0..{limit}</RangeEnumeration>
        <Units>Cel</Units>
        <Description><![CDATA[{words}]]></Description>
      </Item>"""
OBJECT = """<?xml version="1.0" encoding="UTF-8"?>
<!-- {licence} -->
<LWM2M>
  <Object ObjectType="MODefinition">
    <Name>Object {id}</Name>
    <ObjectID>{id}</ObjectID>
    <LWM2MVersion>1.0</LWM2MVersion>
    <ObjectVersion>1.0</ObjectVersion>
    <MultipleInstances>Multiple</MultipleInstances>
    <Mandatory>Optional</Mandatory>
    <Resources>{items}
    </Resources>
  </Object>
</LWM2M>
"""


def definition(object_id: int) -> str:
    numbers = range(RESOURCES)
    items = "".join(ITEM.format(id=5500 + n, number=n, limit=100 + n, words=WORDS) for n in numbers)
    return OBJECT.format(id=object_id, items=items, licence="licence " * 200)


def write(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for object_id in range(FIRST, FIRST + count):
        (folder / f"{object_id}.xml").write_text(definition(object_id), encoding="utf-8")


def with_elementtree(folder: Path) -> dict[int, dict[int, dict[str, str | None]]]:
    known: dict[int, dict[int, dict[str, str | None]]] = {}
    for path in sorted(folder.glob("*.xml")):
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        for element in root.iter("Object"):
            items = {int(item.get("ID", "0")): {each.tag: each.text for each in item} for item in element.iter("Item")}
            known[int(element.findtext("ObjectID") or "0")] = items
    return known


def ours(folder: Path, *, is_kept: bool) -> Any:
    files = [NamedBytes(f"models/{path.name}", path.read_bytes()) for path in sorted(folder.glob("*.xml"))]
    platform = find("onenet")
    assert platform is not None
    if is_kept:
        return platform.dialect.load_models(
            ModelCache(folder.with_suffix(".kept.json")).condensed(files, platform.dialect)
        )
    return platform.dialect.load_models(files)


def audit(folder: Path, documents: int) -> None:
    platform = find("onenet")
    assert platform is not None
    models = ours(folder, is_kept=True)
    objects = len(list(folder.glob("*.xml")))
    for number in range(documents):
        object_id = FIRST + number % objects
        resources = tuple(DesiredResource(f"/{object_id}/0/{5500 + n}", float(n)) for n in range(RESOURCES))
        found = platform.dialect.audit(models, "", DesiredDocument.build(resources, (), Delivery()))
        if list(found):
            sys.exit(f"object {object_id} was to be fine")


def main(way: str, folder: Path, count: int) -> None:
    match way:
        case "write":
            write(folder, count)
        case "interpreter":
            find("onenet")
        case "elementtree":
            if len(with_elementtree(folder)) != count:
                sys.exit("not all objects were read")
        case "parsed" | "kept":
            if ours(folder, is_kept=way == "kept").problems:
                sys.exit("not all objects were read")
        case _:
            audit(folder, count)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
