"""A herd that rollouts change: devices of three kinds, on two accounts of each cloud, told apart by labels."""

from reconcile.model.device import Device, DeviceRef, Identity

QUEUED = ("g1", "g2", "g3", "g4", "g5")
"""Sleepers, by the cached queue."""
INSTANT = ("i1", "i2", "i3", "i4")
"""Listeners, told at once."""
LAMPS = ("h1", "h2", "h3", "h4")
"""Sleepers whose desired values Aliyun keeps."""
HERD = (*QUEUED, *INSTANT, *LAMPS)
WRITTEN = "/3303/0/5603"
PROPERTY = "P1"
PRODUCT = "a1Proof"
_SOUTH = ("g4", "g5", "i3", "i4", "h3", "h4")
_PSM = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}
_NONE = {"kind": "none"}
RINGS = ("lab", "pilot", "rest")
_LABELS = {
    "1": {"ring": "lab", "site": "a", "firmware": "1"},
    "2": {"ring": "rest", "site": "b", "firmware": "1"},
    "3": {"ring": "pilot", "site": "a", "firmware": "2"},
    "4": {"ring": "pilot", "site": "a", "firmware": "1"},
    "5": {"ring": "rest", "site": "b", "firmware": "1"},
}
LABELS = {name: _LABELS[name[1]] for name in HERD}
IMEI = {name: f"8658200300000{ord(name[0]) % 10}{name[1]}" for name in (*QUEUED, *INSTANT)}
KEY = {name: f"{PRODUCT}/{name}" for name in LAMPS}
PATHS = {name: (PROPERTY,) if name in LAMPS else (WRITTEN,) for name in HERD}
POPULATION = {
    **{name: {"cloud": "onenet", "imei": IMEI[name], "sleep": _PSM} for name in QUEUED},
    **{name: {"cloud": "onenet", "imei": IMEI[name], "sleep": _NONE} for name in INSTANT},
    **{name: {"cloud": "aliyun", "productKey": PRODUCT, "deviceName": name, "sleep": _PSM} for name in LAMPS},
}


def _device(name):
    cloud = "aliyun" if name in LAMPS else "onenet"
    account = f"{cloud}-{'south' if name in _SOUTH else 'prod'}"
    identity = Identity.of(productKey=PRODUCT, deviceName=name) if name in LAMPS else Identity.of(imei=IMEI[name])
    return Device(DeviceRef(account, name), identity, LABELS[name])


DEVICES = {name: _device(name) for name in HERD}


def combination(cover, name):
    """What a device stands for as a canary."""
    kind = PRODUCT if name in LAMPS else ""
    return tuple(kind if label == "model" else LABELS[name].get(label, "") for label in cover)
