"""A folder of manifests with any number of devices, the same for the same seed.

Shape: one inventory CSV, half of the devices on OneNET and half on Aliyun; ten profiles whose selectors overlap (per
cloud: all devices, some sites, one model, one firmware, one batch in a hundred); every device ends up with ten
resources. The changed variant differs in the two values of the last layer of each cloud: 1 % of the devices, in a few
classes.
Run: `python -m benchmarks.fleet_generator DIR --devices 10000 [--changed] [--aliyun-only]`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PRODUCT_KEY = "a1BwAGVt8Lq"
BATCHES = 100
FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: benchmark}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: studio, endpoint: "https://openapi.heclouds.com"}
      cached: {api: classic, endpoint: "https://api.heclouds.com"}
      credentials: {masterKey: {env: ONENET_MASTER_KEY}, accessKey: {env: ONENET_ACCESS_KEY}, resource: "userid/38055"}
      quota: {requestsPerSecond: 100000}
    aliyun-prod:
      type: aliyun
      region: cn-shanghai
      signature: acs3
      credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}
      quota: {requestsPerSecond: 100000}
  models: [models/]
  inventory: [inventory/devices.csv]
  state: {backend: sqlite, path: .reconcile/state.db}
  defaults: {delivery: {mode: now}}
"""


@dataclass(frozen=True, slots=True)
class Cloud:
    """One half of the fleet: `base` is what all its devices have; the other layers override two values each."""

    class_: str
    section: str
    base: dict[str, object]
    sites: dict[str, object]
    model: dict[str, object]
    firmware: dict[str, object]
    batch: dict[str, object]
    changed: dict[str, object]


ONENET = Cloud(
    "meter",
    "resources",
    base={
        "/3308/0/5900": 0.15,
        "/3338/0/5850": False,
        "/3338/0/5521": 60.0,
        "/3338/0/5525": 5.0,
        "/3338/0/5750": "alarm",
        "/3340/0/5521": 30.0,
        "/3340/0/5525": 1.5,
        "/3340/0/5526": 1,
        "/3340/0/5850": True,
        "/3340/0/5750": "report",
    },
    sites={"/3308/0/5900": 0.2, "/3338/0/5521": 45.0},
    model={"/3338/0/5521": 30.0, "/3338/0/5525": 2.5},
    firmware={"/3338/0/5750": "alarm-2", "/3338/0/5525": 3.5},
    batch={"/3308/0/5900": 0.25, "/3340/0/5526": 2},
    changed={"/3308/0/5900": 0.3, "/3340/0/5526": 3},
)
ALIYUN = Cloud(
    "lamp",
    "properties",
    base={
        "LightSwitch": 1,
        "Brightness": 100,
        "ColorTemperature": 4000,
        "WorkMode": 1,
        "LuxOnThreshold": 20.0,
        "DriverCurrentLimit": 1.05,
        "LampAlias": "pole",
        "RampSeconds": 3,
        "ReportPeriod": 900,
        "OverVoltageThreshold": 264.5,
    },
    sites={"Brightness": 80, "ColorTemperature": 3000},
    model={"ColorTemperature": 3500, "DriverCurrentLimit": 0.75},
    firmware={"WorkMode": 2, "RampSeconds": 5},
    batch={"Brightness": 60, "ReportPeriod": 300},
    changed={"Brightness": 50, "ReportPeriod": 600},
)


def generate(folder: Path, devices: int, *, seed: int = 1, changed: bool = False, aliyun_only: bool = False) -> None:
    """Writes the folder, and beside it `FOLDER.ndjson`, the population for the emulator."""
    rows = tuple(_rows(devices, random.Random(seed), aliyun_only=aliyun_only))
    _write(folder / "fleet.yaml", FLEET)
    _write(folder / "profiles.yaml", "---\n".join([*_profiles(ONENET, changed), *_profiles(ALIYUN, changed)]))
    _write(folder / "models" / "lamp.json", json.dumps(thing_model(), ensure_ascii=False, indent=1))
    header = "name,platform,imei,productKey,deviceName,class,site,model,firmware,batch"
    _write(folder / "inventory" / "devices.csv", "\n".join([header, *(",".join(row) for row in rows), ""]))
    _write(folder.with_suffix(".ndjson"), "".join(json.dumps(_citizen(row)) + "\n" for row in rows))


def _rows(devices: int, dice: random.Random, *, aliyun_only: bool) -> Iterator[tuple[str, ...]]:
    for number in range(devices):
        labels = (
            f"site-{dice.randrange(20):02d}",
            f"m{dice.randrange(1, 5)}00",
            f"2.{dice.randrange(2, 6)}",
            f"b{number % (BATCHES * 2) // 2:02d}",
        )
        if aliyun_only or number % 2:
            name = f"lamp-{number:07d}"
            yield (name, "aliyun-prod", "", PRODUCT_KEY, name, ALIYUN.class_, *labels)
        else:
            yield (f"meter-{number:07d}", "onenet-prod", f"8658{number:011d}", "", "", ONENET.class_, *labels)


def _citizen(row: Sequence[str]) -> dict[str, object]:
    awake = {"sleep": {"kind": "none"}}
    if row[1] == "onenet-prod":
        return {"cloud": "onenet", "imei": row[2], **awake}
    return {"cloud": "aliyun", "productKey": row[3], "deviceName": row[4], **awake}


def _profiles(cloud: Cloud, changed: bool) -> Iterator[str]:
    some_sites = [f"site-{number:02d}" for number in range(7)]
    in_sites = [{"key": "site", "operator": "In", "values": some_sites}]
    yield _profile(cloud, "base", 10, {}, cloud.base)
    yield _profile(cloud, "sites", 20, {}, cloud.sites, in_sites)
    yield _profile(cloud, "model", 30, {"model": "m300"}, cloud.model)
    yield _profile(cloud, "firmware", 40, {"firmware": "2.4"}, cloud.firmware)
    yield _profile(cloud, "batch", 50, {"batch": "b00"}, cloud.changed if changed else cloud.batch)


def _profile(
    cloud: Cloud,
    name: str,
    priority: int,
    labels: dict[str, str],
    values: dict[str, object],
    expressions: Sequence[object] = (),
) -> str:
    selector = {"matchLabels": {"class": cloud.class_, **labels}, "matchExpressions": list(expressions)}
    lines = [f"    {json.dumps(path)}: {json.dumps(value)}" for path, value in values.items()]
    return "\n".join(
        [
            "apiVersion: reconcile/v1",
            "kind: Profile",
            f"metadata: {{name: {cloud.class_}s-{name}}}",
            "spec:",
            f"  selector: {json.dumps(selector)}",
            f"  priority: {priority}",
            f"  {cloud.section}:",
            *lines,
            "",
        ]
    )


def thing_model() -> dict[str, object]:
    def number(kind: str, low: str, high: str, step: str) -> dict[str, object]:
        return {"type": kind, "specs": {"min": low, "max": high, "step": step}}

    types: dict[str, dict[str, object]] = {
        "LightSwitch": {"type": "bool", "specs": {"0": "关闭", "1": "开启"}},
        "Brightness": number("int", "0", "100", "1"),
        "ColorTemperature": number("int", "2700", "6500", "50"),
        "WorkMode": {"type": "enum", "specs": {"0": "手动", "1": "光控", "2": "时控"}},
        "LuxOnThreshold": number("float", "0", "200", "0.5"),
        "DriverCurrentLimit": number("double", "0", "2.1", "0.01"),
        "LampAlias": {"type": "text", "specs": {"length": "32"}},
        "RampSeconds": number("int", "0", "60", "1"),
        "ReportPeriod": number("int", "60", "86400", "1"),
        "OverVoltageThreshold": number("float", "220", "280", "0.1"),
    }
    properties = [
        {"identifier": name, "name": name, "accessMode": "rw", "required": False, "dataType": data_type}
        for name, data_type in types.items()
    ]
    return {
        "schema": "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
        "profile": {"productKey": PRODUCT_KEY},
        "properties": properties,
        "events": [],
        "services": [],
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--aliyun-only", action="store_true")
    args = parser.parse_args()
    generate(args.folder, args.devices, seed=args.seed, changed=args.changed, aliyun_only=args.aliyun_only)
