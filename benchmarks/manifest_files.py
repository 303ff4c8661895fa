"""A folder of many small manifest files, as teams that keep one file a device have it; the same for the same number.

Two clouds, ten profiles as `fleet_generator` writes them, and one `Device` document a file: labels, and ten values of
its own, of which three differ from the layers below. Run: `python -m benchmarks.manifest_files DIR --files 2000`.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from benchmarks.fleet_generator import ALIYUN, ONENET, PRODUCT_KEY, Cloud, generate

SEED = 1


def write(folder: Path, files: int) -> None:
    """The folder: the two files of an empty fleet, and the rest one device each."""
    generate(folder, 0, seed=SEED)
    dice = random.Random(SEED)
    (folder / "devices").mkdir(exist_ok=True)
    for number in range(files - 2):
        (folder / "devices" / f"{number:05d}.yaml").write_text(_device(number, dice), encoding="utf-8")


def _device(number: int, dice: random.Random) -> str:
    cloud = ALIYUN if number % 2 else ONENET
    name = f"{cloud.class_}-{number:05d}"
    identity = f"productKey: {PRODUCT_KEY}" if number % 2 else f'imei: "8658{number:011d}"'
    labels = {"class": cloud.class_, "site": f"site-{dice.randrange(20):02d}", "model": f"m{dice.randrange(1, 5)}00"}
    return "\n".join(
        [
            "apiVersion: reconcile/v1",
            "kind: Device",
            f"metadata: {{name: {name}, labels: {json.dumps(labels)}}}",
            "spec:",
            f"  platform: {'aliyun' if number % 2 else 'onenet'}-prod",
            f"  {identity}",
            f"  {cloud.section}:",
            *(f"    {json.dumps(path)}: {json.dumps(value)}" for path, value in values(cloud, dice).items()),
            "",
        ]
    )


def values(cloud: Cloud, dice: random.Random) -> dict[str, object]:
    """Ten values of one device, of which two differ from those of most."""
    layers = (cloud.sites, cloud.model, cloud.batch)
    return cloud.base | dice.choice(layers)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=2_000)
    options = parser.parse_args()
    write(options.folder, options.files)
