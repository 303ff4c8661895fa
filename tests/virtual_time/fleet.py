"""Devices that histories and schedules are about: a sleeper and a listener (LwM2M), a lamp (Aliyun), a valve (OneJSON)."""

import functools
from datetime import UTC, datetime

from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.platforms import registry

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""When every clock begins: noon in China."""
IMEI = {"sleeper": "865820030000001", "listener": "865820030000002"}
LAMP, VALVE = "a1Proof/lamp", "9MaNe52pNO/valve"
REBOOT = "/3/0/4"
PATHS = {
    "sleeper": ("/3303/0/5603", "/3303/0/5604", "/1/0/3"),
    "listener": ("/3303/0/5603", "/1/0/3"),
    "lamp": ("P1", "P2", "P3"),
    "valve": ("P1", "P2"),
}
PSM = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}
_AWAKE = {"kind": "none"}
POPULATION = {
    "sleeper": {"cloud": "onenet", "imei": IMEI["sleeper"], "sleep": PSM},
    "listener": {"cloud": "onenet", "imei": IMEI["listener"], "sleep": _AWAKE},
    "lamp": {"cloud": "aliyun", "productKey": "a1Proof", "deviceName": "lamp", "sleep": _AWAKE},
    "valve": {"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": "valve", "sleep": _AWAKE},
}
DEVICES = {
    "sleeper": Device(DeviceRef("onenet-prod", "sleeper"), Identity.of(imei=IMEI["sleeper"]), {}),
    "listener": Device(DeviceRef("onenet-prod", "listener"), Identity.of(imei=IMEI["listener"]), {}),
    "lamp": Device(DeviceRef("aliyun-prod", "lamp"), Identity.of(productKey="a1Proof", deviceName="lamp"), {}),
    "valve": Device(DeviceRef("onenet-prod", "valve"), Identity.of(productId="9MaNe52pNO", deviceName="valve"), {}),
}
KEYS = {
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}
ONENET = {
    "type": "onenet",
    "instant": {"api": "studio", "endpoint": "https://openapi.heclouds.com"},
    "cached": {"api": "classic", "endpoint": "https://api.heclouds.com"},
    "credentials": {
        "masterKey": {"env": "ONENET_MASTER_KEY"},
        "accessKey": {"env": "ONENET_ACCESS_KEY"},
        "resource": "userid/38055",
    },
}
ALIYUN = {
    "type": "aliyun",
    "region": "cn-shanghai",
    "credentials": {"accessKeyId": {"env": "ALIYUN_AK"}, "accessKeySecret": {"env": "ALIYUN_SK"}},
}


@functools.cache
def models():
    """What each platform knows of its devices without files."""
    return {name: registry.find(name).dialect.load_models(()) for name in ("onenet", "aliyun")}
