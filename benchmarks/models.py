"""Loading a catalogue of LwM2M object definitions, parsed and from the cache between runs; auditing a document.

    .venv/bin/python benchmarks/models.py [OBJECTS]

Generates definitions of the size that OMA's registry has, and prints CPU milliseconds, the best of five.
"""

import sys
import tempfile
import time
from pathlib import Path

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.platforms.onenet import PLATFORM
from reconcile.platforms.onenet.objects.questions import catalogue_of
from reconcile.ports import NamedBytes
from reconcile.runs.model_cache import ModelCache

RESOURCES = 14
WORDS = "The minimum value that can be measured by the sensor. " * 6


def definition(object_id):
    items = "".join(
        f"""
      <Item ID="{5500 + n}">
        <Name>Resource number {n}</Name>
        <Operations>RW</Operations>
        <MultipleInstances>Single</MultipleInstances>
        <Mandatory>Optional</Mandatory>
        <Type>Float</Type>
        <RangeEnumeration>0..{100 + n}</RangeEnumeration>
        <Units>Cel</Units>
        <Description><![CDATA[{WORDS}]]></Description>
      </Item>"""
        for n in range(RESOURCES)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- {"licence " * 200} -->
<LWM2M>
  <Object ObjectType="MODefinition">
    <Name>Object {object_id}</Name>
    <ObjectID>{object_id}</ObjectID>
    <LWM2MVersion>1.0</LWM2MVersion>
    <ObjectVersion>1.0</ObjectVersion>
    <MultipleInstances>Multiple</MultipleInstances>
    <Mandatory>Optional</Mandatory>
    <Resources>{items}
    </Resources>
  </Object>
</LWM2M>
""".encode()


def best_ms(work, times=5):
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken) * 1000


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    dialect = PLATFORM.dialect
    files = [NamedBytes(f"models/{26241 + n}.xml", definition(26241 + n)) for n in range(count)]
    size_bytes = sum(len(file.content) for file in files)
    print(f"{count} objects, {count * RESOURCES} resources, {size_bytes / 1e6:.1f} MB of XML")
    with tempfile.TemporaryDirectory() as folder:
        cache = ModelCache(Path(folder) / "models.json")

        def cached():
            return dialect.load_models(cache.condensed(files, dialect))

        print(f"parsed             {best_ms(lambda: dialect.load_models(files)):6.1f} ms")
        print(f"first, with cache  {best_ms(cached, times=1):6.1f} ms")
        print(f"warm               {best_ms(cached):6.1f} ms")
        known = catalogue_of(cached())
        print(f"one object used    {best_ms(lambda: known.find(26241).resources[5500]):6.3f} ms")
        assert len(known.own) == count
        models = cached()
        document = DesiredDocument.build(
            tuple(DesiredResource(f"/26241/0/{5500 + n}", float(n)) for n in range(RESOURCES)), (), Delivery()
        )
        assert list(dialect.audit(models, "", document)) == []
        per_document_ms = best_ms(lambda: [dialect.audit(models, "", document) for _ in range(100)]) / 100
        print(f"audit of a document of {RESOURCES} resources {per_document_ms:6.3f} ms")


if __name__ == "__main__":
    main()
