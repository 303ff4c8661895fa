"""An Aliyun account for the conformance kit."""

from __future__ import annotations

import json
from typing import Any

from reconcile.model.actions import Action, SetDesired
from reconcile.model.diagnostic import NOWHERE
from reconcile.platforms.aliyun import PLATFORM
from reconcile.ports import Listing, NamedBytes, PlatformConfig
from reconcile.testing.platform_sample import Sample
from reconcile.testing.relay import Request

KEYS = {"accessKeyId": "emulator-ak", "accessKeySecret": "emulator-secret"}
PRODUCT, NAME = "a1BwAGVxxxx", "lamp-17"
WRITES = (b"SetDeviceDesiredProperty", b"ClearDeviceDesiredProperty")


def _property(identifier: str, kind: str, specs: dict[str, Any]) -> dict[str, Any]:
    data_type = {"type": kind, "specs": specs}
    return {"identifier": identifier, "name": identifier, "accessMode": "rw", "required": False, "dataType": data_type}


MODEL: dict[str, Any] = {
    "schema": "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
    "profile": {"productKey": PRODUCT},
    "properties": [
        _property("Brightness", "int", {"min": "0", "max": "100", "step": "1"}),
        _property("Temperature", "float", {"min": "-50", "max": "150", "step": "0.1"}),
        _property("Power", "bool", {"0": "off", "1": "on"}),
        _property("Mode", "enum", {"0": "auto", "1": "manual"}),
        _property("Banner", "text", {"length": "64"}),
        *(_property(f"Level{number}", "int", {"min": "0", "max": "9", "step": "1"}) for number in range(8)),
    ],
    "services": [],
    "events": [],
}
DEVICE: dict[str, Any] = {
    "cloud": "aliyun", "productKey": PRODUCT, "deviceName": NAME, "sleep": {"kind": "none"}, "thingModel": MODEL,
}  # fmt: skip


def fits(action: Action) -> bool:
    """At most ten items a set."""
    return isinstance(action, SetDesired) and 0 < len(action.items) <= 10


def is_write(request: Request) -> bool:
    """Every call is a POST; the action says whether it changes anything."""
    said = request.target.encode() + request.body + b" ".join(value.encode() for value in request.headers.values())
    return any(name in said for name in WRITES)


def sample(signature: str) -> Sample:
    """The account, with requests signed in one of the two ways."""
    spec: dict[str, Any] = {
        "type": "aliyun",
        "region": "cn-shanghai",
        "signature": signature,
        "credentials": {name: {"env": name.upper()} for name in KEYS},
    }
    return Sample(
        platform=PLATFORM,
        config=PlatformConfig("aliyun-prod", "aliyun", spec, 50.0, NOWHERE),
        fields={"productKey": PRODUCT},
        name=NAME,
        values={
            "Brightness": [60, 61],
            "Temperature": [21.5, 22.0],
            "Power": [1, 0],
            "Mode": [1, 0],
            "Banner": ["hello", "Hello"],
            **{f"Level{number}": [number, number + 1] for number in range(8)},
        },
        alike=[("Temperature", 35.0, "35"), ("Brightness", 60, "60"), ("Power", 1, "1")],
        bad_fields=[{"productKey": "no spaces"}],
        bad_paths=["a:b:c", "no space", "1/2"],
        bad_values=[("Brightness", 101), ("Brightness", "much"), ("Mode", 7), ("Banner", "x" * 65), ("Power", 2)],
        models=[NamedBytes("models/lamp.json", json.dumps(MODEL).encode())],
        credentials=KEYS,
        fits=fits,
        is_write=is_write,
        listing=Listing("aliyun-prod", (PRODUCT,)),
    )
