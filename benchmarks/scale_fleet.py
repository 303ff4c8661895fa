"""Fleets of a million devices and more: fifty profiles that overlap, one device in a hundred with its own document.

Half of the devices are on OneNET and half on Aliyun; each ends up with ten resources. Labels: `class`, `site` (200),
`model` (8), `firmware` (6), `batch` (100). Profiles, for each cloud: all devices, twelve groups of sites, six models,
four firmwares, one batch in a hundred and its neighbour. The same for the same seed.
Run: `python -m benchmarks.scale_fleet DIR --devices 1000000 [--format ndjson] [--gzip] [--changed]`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from benchmarks.fleet_generator import ALIYUN, FLEET, ONENET, PRODUCT_KEY, Cloud, thing_model

SITES, MODELS, FIRMWARES, BATCHES = 200, 8, 6, 100
SEED = 1
HEADER = ("name", "platform", "imei", "productKey", "deviceName", "class", "site", "model", "firmware", "batch")
_OWN = 100
"""One device in so many has a document of its own."""
DOCUMENTS_A_FILE = 500
_FREE = {"Brightness", "RampSeconds", "/3308/0/5900", "/3338/0/5521", "/3338/0/5525"}
"""Resources whose number may be any."""


def write(folder: Path, devices: int, *, form: str = "csv", is_gzip: bool = False, is_changed: bool = False) -> None:
    """The folder. The changed variant differs in what one batch in a hundred gets: 1 % of the devices."""
    (folder / "inventory").mkdir(parents=True, exist_ok=True)
    (folder / "models").mkdir(exist_ok=True)
    (folder / "overrides").mkdir(exist_ok=True)
    name = f"inventory/devices.{form}{'.gz' if is_gzip else ''}"
    (folder / "fleet.yaml").write_text(FLEET.replace("inventory/devices.csv", name), encoding="utf-8")
    texts = [*_profiles(ONENET, is_changed=is_changed), *_profiles(ALIYUN, is_changed=is_changed)]
    (folder / "profiles.yaml").write_text("---\n".join(texts), encoding="utf-8")
    (folder / "models" / "lamp.json").write_text(json.dumps(thing_model(), ensure_ascii=False), encoding="utf-8")
    with _opened(folder / name, is_gzip=is_gzip) as file:
        for line in _lines(devices, form):
            file.write(line)
    for number in range(0, devices // _OWN, DOCUMENTS_A_FILE):
        last = min(number + DOCUMENTS_A_FILE, devices // _OWN)
        texts = [_own(each * _OWN) for each in range(number, last)]
        (folder / "overrides" / f"{number:07d}.yaml").write_text("---\n".join(texts), encoding="utf-8")


def rows(devices: int) -> Iterator[tuple[str, ...]]:
    """Cells of the inventory: Aliyun's devices first, so that the file is in the order of platform and name."""
    dice = random.Random(SEED)
    half = devices // 2
    for number in range(devices):
        at = f"site-{dice.randrange(SITES):03d}"
        labels = (at, f"m{dice.randrange(MODELS)}", f"2.{dice.randrange(FIRMWARES)}", f"b{number % BATCHES:02d}")
        if number < half:
            name = f"lamp-{number:08d}"
            yield (name, "aliyun-prod", "", PRODUCT_KEY, name, ALIYUN.class_, *labels)
        else:
            yield (f"meter-{number:08d}", "onenet-prod", f"8658{number:011d}", "", "", ONENET.class_, *labels)


def _lines(devices: int, form: str) -> Iterator[str]:
    if form == "csv":
        yield ",".join(HEADER) + "\n"
        yield from (",".join(row) + "\n" for row in rows(devices))
    else:
        for row in rows(devices):
            yield json.dumps({key: cell for key, cell in zip(HEADER, row, strict=True) if cell}) + "\n"


def _opened(path: Path, *, is_gzip: bool) -> IO[str]:
    if is_gzip:
        return gzip.open(path, "wt", encoding="utf-8", compresslevel=1)
    return path.open("w", encoding="utf-8")


def _profiles(cloud: Cloud, *, is_changed: bool) -> Iterator[str]:
    yield _profile(cloud, "base", 10, [], cloud.base)
    for group in range(12):
        sites = [f"site-{site:03d}" for site in range(group * 15, group * 15 + 30)]
        yield _profile(cloud, f"sites-{group:02d}", 20 + group, [("site", sites)], _shifted(cloud.sites, group))
    for model in range(6):
        yield _profile(cloud, f"model-{model}", 50 + model, [("model", [f"m{model}"])], _shifted(cloud.model, model))
    for firmware in range(4):
        values = _shifted(cloud.firmware, firmware)
        yield _profile(cloud, f"firmware-{firmware}", 70 + firmware, [("firmware", [f"2.{firmware}"])], values)
    batch = cloud.changed if is_changed else cloud.batch
    yield _profile(cloud, "batch", 90, [("batch", ["b07"])], batch)
    yield _profile(cloud, "batch-and-model", 91, [("batch", ["b08", "b09"]), ("model", ["m1", "m2"])], cloud.batch)


def _shifted(values: dict[str, object], by: int) -> dict[str, object]:
    """Numbers a little other for each group, so that overlapping profiles make different devices."""
    return {
        key: value + by if key in _FREE and isinstance(value, int | float) else value for key, value in values.items()
    }


def _profile(
    cloud: Cloud, name: str, priority: int, expressions: Sequence[tuple[str, list[str]]], values: dict[str, object]
) -> str:
    wanted = [{"key": key, "operator": "In", "values": texts} for key, texts in expressions]
    selector = {"matchLabels": {"class": cloud.class_}, "matchExpressions": wanted}
    lines = [f"    {json.dumps(path)}: {json.dumps(value)}\n" for path, value in values.items()]
    return (
        f"apiVersion: reconcile/v1\nkind: Profile\nmetadata: {{name: {cloud.class_}s-{name}}}\nspec:\n"
        f"  selector: {json.dumps(selector)}\n  priority: {priority}\n  {cloud.section}:\n{''.join(lines)}"
    )


def own_documents(names: Iterable[str]) -> Iterator[str]:
    """The documents that those of these devices have which have one of their own."""
    for name in names:
        kind, _, number = name.partition("-")
        if kind == "lamp" and int(number) * 2 % _OWN == 0:
            yield _own(int(number) * 2)


def _own(number: int) -> str:
    """The document of one of Aliyun's first devices: values of its own over what its profiles give."""
    name = f"lamp-{number // 2:08d}"
    return (
        f"apiVersion: reconcile/v1\nkind: Device\nmetadata: {{name: {name}}}\n"
        f"spec: {{platform: aliyun-prod, properties: {{Brightness: {number % 90 + 10}, RampSeconds: 4}}}}\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--devices", type=int, default=1_000_000)
    parser.add_argument("--format", choices=["csv", "ndjson"], default="csv")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--changed", action="store_true", help="other values for one batch in a hundred")
    options = parser.parse_args()
    write(options.folder, options.devices, form=options.format, is_gzip=options.gzip, is_changed=options.changed)
