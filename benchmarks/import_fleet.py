"""Import of a large fleet that was set up by hand: time, memory, and the size of what is written.

The population is made as such fleets are: values follow model and site, some by firmware; a few devices in a hundred
are exceptions, and one property differs on every device. It is compared with one file per device that says the same.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from pathlib import Path

from benchmarks.measure import Case, Counts, Failed, Table, log, measure_all, output_of, reconcile
from benchmarks.servers import KEYS, emulator, endpoints

PRODUCT = "a1BwAGVxxxx"
FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: brown-field}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: classic}
      cached: {api: classic}
      credentials: {masterKey: {env: ONENET_MASTER_KEY}}
      quota: {requestsPerSecond: 100000}
    aliyun-prod:
      type: aliyun
      region: cn-shanghai
      credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}
      quota: {requestsPerSecond: 100000}
  models: [models/]
  inventory: [all.csv]
"""
TEXT = (
    "{devices:,} devices that nobody wrote down, three in five on OneNET with ten values each, two in five on Aliyun "
    "with five: read from the emulator with the quota off, written, compiled again, planned against what was read, and "
    "recorded (`import --record`). One run, whole process. The emulator has the same cores, so CPU time says more than "
    "wall. At the vendors' limits reading takes longer: an Aliyun device is two calls, of which an account may make 50 "
    "a second."
)
MODEL = {
    "profile": {"productKey": PRODUCT},
    "properties": [
        {"identifier": name, "name": name, "accessMode": "rw", "dataType": {"type": kind, "specs": specs}}
        for name, kind, specs in (
            ("Brightness", "int", {"min": "0", "max": "100", "step": "1"}),
            ("ColorTemperature", "int", {"min": "2700", "max": "6500", "step": "1"}),
            ("WorkMode", "int", {"min": "0", "max": "9", "step": "1"}),
            ("LuxOnThreshold", "float", {"min": "0", "max": "1000", "step": "0.01"}),
            ("PoleName", "text", {"length": "128"}),
        )
    ],
}


def run(devices: int) -> tuple[Table, Counts]:
    """One import of a fleet, and the size of what it wrote. Raises: Failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log(f"  making {devices:,} devices")
        _make(folder, devices)
        with emulator(folder / "population.ndjson") as port:
            base = reconcile("--manifests", str(folder / "manifests"), *endpoints(port), "import", "--reads", "0")
            out = folder / "out"
            argv = [*base, "--out", str(out), "--record"]
            rows = measure_all([Case("`reconcile import`", argv, KEYS, count=devices)], 1)
            plan = json.loads(output_of(reconcile("--manifests", str(out), "plan", "--format", "json"), KEYS))
        if plan["classes"]:
            raise Failed("the plan after the import is not empty")
        return Table(f"Import of {devices:,} devices", TEXT.format(devices=devices), rows), _sizes(devices, out)


def _sizes(devices: int, out: Path) -> Counts:
    """Files and bytes of what was written, beside one Device document a device."""
    written = [path for path in sorted(out.rglob("*")) if path.is_file() and ".reconcile" not in path.parts]
    size = sum(path.stat().st_size for path in written)
    single = _one_file_each(out)
    rows = [
        ["`reconcile import`: profiles, inventories, exceptions, models", f"{len(written):,}", f"{size:,}", "1 ×"],
        ["one Device document a device that says the same", f"{devices:,}", f"{single:,}", f"{single / size:.1f} ×"],
    ]
    text = "What the import wrote, without the recorded state, beside files that say the same of each device."
    return Counts("Size of an import", text, ["", "files", "bytes", "size"], rows)


def _one_file_each(out: Path) -> int:
    """The bytes of one Device document per device, with the labels of its row and all of its values."""
    from reconcile.manifest.edit_spell import spell, spell_entry, spell_text
    from reconcile.runs.load import load
    from reconcile.runs.source import FolderSource
    from reconcile.runs.wiring import utc_now

    total = 0
    for one in load(FolderSource(out), now=utc_now()).devices:
        labels = {key: text for key, text in one.device.labels.items() if not key.startswith("set-")}
        values = {resource.path: resource for resource in one.document.resources}
        section = "resources" if one.device.ref.platform == "onenet-prod" else "properties"
        lines = [
            "apiVersion: reconcile/v1",
            "kind: Device",
            f"metadata: {{name: {one.device.ref.name}, labels: {spell(labels)}}}",
            "spec:",
            f"  platform: {one.device.ref.platform}",
            *(f"  {name}: {spell_text(text)}" for name, text in one.device.identity.fields),
            f"  {section}:",
            *(f"    {spell_text(path)}: {spell_entry(resource.value)}" for path, resource in values.items()),
        ]
        total += len("\n".join(lines).encode()) + 1
    return total


def _make(folder: Path, devices: int) -> None:
    dice = random.Random(4)
    manifests = folder / "manifests"
    (manifests / "models").mkdir(parents=True)
    (manifests / "models/lamp.json").write_text(json.dumps(MODEL), encoding="utf-8")
    (manifests / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    rows = ["name,platform,imei,productKey,class,site,model,firmware"]
    with (folder / "population.ndjson").open("w", encoding="utf-8") as population:
        for number in range(devices):
            site, model, firmware = dice.randrange(20), dice.randrange(4), dice.randrange(3)
            labels = f"{'lamp' if number % 5 > 2 else 'meter'},site-{site:02},model-{model},{firmware + 1}.0"
            if number % 5 > 2:
                rows.append(f"lamp-{number:06},aliyun-prod,,{PRODUCT},{labels}")
                record = _lamp(dice, number, site, model)
            else:
                imei = f"86582003{number:07}"
                rows.append(f"meter-{number:06},onenet-prod,{imei},,{labels}")
                record = _meter(dice, imei, site, firmware)
            population.write(json.dumps(record) + "\n")
    (manifests / "all.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _meter(dice: random.Random, imei: str, site: int, firmware: int) -> dict[str, object]:
    values: dict[str, object] = {
        "/1/0/2": 300,
        "/1/0/3": 21600 if site % 7 == 0 else 86400,
        "/3/0/15": "Asia/Shanghai",
        "/3303/0/5603": 4.0 if site > 15 else 2.0,
        "/3303/0/5604": 50.0 if firmware == 2 else 45.0,
        "/3308/0/5900": 0.15 + 0.05 * (site % 3),
        "/3338/0/5521": 60.0,
        "/3338/0/5525": 5.0,
        "/3302/0/5903": 30000,
        "/3302/0/5904": 8000,
    }
    if dice.random() < 0.02:
        values[dice.choice(["/1/0/2", "/3338/0/5521"])] = dice.randrange(400, 500)
    kinds = {"/3/0/15": "string", "/1/0/2": "integer", "/1/0/3": "integer", "/3302/0/5903": "integer",
             "/3302/0/5904": "integer"}  # fmt: skip
    resources = {path: {"type": kinds.get(path, "float"), "value": value} for path, value in values.items()}
    sleep = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}
    return {"cloud": "onenet", "imei": imei, "resources": resources, "sleep": sleep}


def _lamp(dice: random.Random, number: int, site: int, model: int) -> dict[str, object]:
    desired = {
        "Brightness": 80 if site < 10 else 100,
        "ColorTemperature": 3000 + 500 * model,
        "WorkMode": 1,
        "LuxOnThreshold": 20.5,
        "PoleName": f"pole {number}",
    }
    if dice.random() < 0.02:
        desired["Brightness"] = dice.randrange(10, 70)
    name = f"lamp-{number:06}"
    record = {"cloud": "aliyun", "productKey": PRODUCT, "deviceName": name, "desired": desired}
    return {**record, "thingModel": "manifests/models/lamp.json"}


if __name__ == "__main__":
    import sys

    from benchmarks.table import render

    count = int(re.sub(r"\D", "", sys.argv[1])) if len(sys.argv) > 1 else 10_000
    print(render(run(count), 1))
