"""What somebody writes in an afternoon with the same packages, to stand beside `reconcile plan`.

It reads the same folder: PyYAML's safe_load, csv.DictReader, profiles merged device by device into plain dicts,
jsonschema.validate for every device, DeepDiff against what was written last, and a report. Nothing in it is slow on
purpose. With `--tuned` it has been through a profiler once: libyaml, one validator for all devices, and `==` before
DeepDiff. It knows one JSON file of last-written values, and neither deliveries, versions, device models nor a journal.
Run: `python -m benchmarks.afternoon_script FOLDER LAST.json [--save] [--tuned]`.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from deepdiff import DeepDiff

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["name", "platform"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 128},
        "platform": {"enum": ["onenet-prod", "aliyun-prod"]},
        "imei": {"type": "string", "pattern": "^[0-9]{15}$"},
        "productKey": {"type": "string", "pattern": "^[A-Za-z0-9]{11}$"},
        "deviceName": {"type": "string", "maxLength": 64},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "resources": {
            "type": "object",
            "patternProperties": {"^/[0-9]+/[0-9]+/[0-9]+$": {"type": ["number", "string", "boolean"]}},
            "additionalProperties": False,
        },
        "properties": {
            "type": "object",
            "patternProperties": {"^[A-Za-z0-9_]+(:[A-Za-z0-9_]+)?$": {}},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
IDENTITY = ("name", "platform", "imei", "productKey", "deviceName")


def load_documents(folder: Path, *, tuned: bool) -> list[dict[str, Any]]:
    documents = []
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        documents += list(yaml.load_all(text, yaml.CSafeLoader) if tuned else yaml.safe_load_all(text))
    return documents


def load_devices(folder: Path, fleet: dict[str, Any]) -> list[dict[str, Any]]:
    devices = []
    for name in fleet["spec"]["inventory"]:
        with (folder / name).open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                device = {key: row[key] for key in IDENTITY if row.get(key)}
                device["labels"] = {key: value for key, value in row.items() if key not in IDENTITY}
                devices.append(device)
    return devices


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for expression in selector.get("matchExpressions", []):
        is_in = labels.get(expression["key"]) in expression["values"]
        if is_in != (expression["operator"] == "In"):
            return False
    return True


def merge(device: dict[str, Any], profiles: list[dict[str, Any]]) -> dict[str, Any]:
    merged = dict(device)
    for profile in profiles:
        spec = profile["spec"]
        if matches(spec["selector"], device["labels"]):
            for section in ("resources", "properties"):
                if section in spec:
                    merged[section] = {**merged.get(section, {}), **spec[section]}
    return merged


def checker(*, tuned: bool) -> Callable[[dict[str, Any]], None]:
    if not tuned:
        return lambda device: jsonschema.validate(device, SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)

    def check(device: dict[str, Any]) -> None:
        if not validator.is_valid(device):
            validator.validate(device)

    return check


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("last", type=Path)
    parser.add_argument("--save", action="store_true", help="take the values as written")
    parser.add_argument("--tuned", action="store_true")
    args = parser.parse_args()

    documents = load_documents(args.folder, tuned=args.tuned)
    fleet = next(document for document in documents if document["kind"] == "Fleet")
    profiles = [document for document in documents if document["kind"] == "Profile"]
    profiles.sort(key=lambda profile: profile["spec"].get("priority", 0))
    last = json.loads(args.last.read_text(encoding="utf-8")) if args.last.exists() else {}
    check = checker(tuned=args.tuned)

    wanted, changed = {}, 0
    for device in load_devices(args.folder, fleet):
        merged = merge(device, profiles)
        check(merged)
        values = merged.get("resources") or merged.get("properties") or {}
        wanted[f"{merged['platform']}/{merged['name']}"] = values
    for name, values in wanted.items():
        before = last.get(name, {})
        if args.tuned and before == values:
            continue
        difference = DeepDiff(before, values)
        if difference:
            changed += 1
            print(name)
            print(difference.pretty())
    for name in last.keys() - wanted.keys():
        print(name, "is gone")
    print(f"{len(wanted)} devices, {changed} to change")
    if args.save:
        args.last.write_text(json.dumps(wanted), encoding="utf-8")


if __name__ == "__main__":
    main()
