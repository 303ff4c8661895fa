"""The devices that schedules are about, the accounts they are on, and the switches and faults they may meet."""

import functools

from reconcile.manifest.document import Fleet
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.platforms import registry
from reconcile.ports import PlatformConfig

from . import herd

CROWD = ("m1", "m2", "m3", "m4")
"""Sleepers that a rollout changes wave by wave, in this order."""
IMEI = {
    "sleeper": "865820030000001",
    "listener": "865820030000002",
    **{name: f"86582003000001{number}" for number, name in enumerate(CROWD, 1)},
    **herd.IMEI,
}
LAMP, VALVE = "a1Proof/lamp", "9MaNe52pNO/valve"
PROPERTIES = {"lamp": LAMP, **herd.KEY}
"""Aliyun's devices, by what the emulator knows them by."""
IN_CLOUD = (*PROPERTIES, "valve")
"""Devices whose desired values their cloud keeps."""
REBOOT = "/3/0/4"
PATHS = {
    "sleeper": ("/3303/0/5603", "/3303/0/5604", "/1/0/3"),
    "listener": ("/3303/0/5603", "/1/0/3"),
    "lamp": ("P1", "P2", "P3"),
    "valve": ("P1", "P2"),
    **dict.fromkeys(CROWD, ("/3303/0/5603",)),
    **herd.PATHS,
}
NAMES = {**{identity: name for name, identity in (IMEI | PROPERTIES).items()}, VALVE: "valve"}
POPULATION = {
    "sleeper": {
        "cloud": "onenet",
        "imei": IMEI["sleeper"],
        "sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20},
    },
    "listener": {"cloud": "onenet", "imei": IMEI["listener"], "sleep": {"kind": "none"}},
    "lamp": {"cloud": "aliyun", "productKey": "a1Proof", "deviceName": "lamp", "sleep": {"kind": "none"}},
    "valve": {"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": "valve", "sleep": {"kind": "none"}},
    **{
        name: {"cloud": "onenet", "imei": IMEI[name], "sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}}
        for name in CROWD
    },
    **herd.POPULATION,
}
DEVICES = {
    "sleeper": Device(DeviceRef("onenet-prod", "sleeper"), Identity.of(imei=IMEI["sleeper"]), {}),
    "listener": Device(DeviceRef("onenet-prod", "listener"), Identity.of(imei=IMEI["listener"]), {}),
    "lamp": Device(DeviceRef("aliyun-prod", "lamp"), Identity.of(productKey="a1Proof", deviceName="lamp"), {}),
    "valve": Device(DeviceRef("onenet-prod", "valve"), Identity.of(productId="9MaNe52pNO", deviceName="valve"), {}),
    **{name: Device(DeviceRef("onenet-prod", name), Identity.of(imei=IMEI[name]), {"ring": name}) for name in CROWD},
    **herd.DEVICES,
}
KEYS = {
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}
PLANTED = tuple(KEYS[name].encode() for name in ("ONENET_MASTER_KEY", "ONENET_ACCESS_KEY", "ALIYUN_SK"))
"""Secrets that no output may hold."""
_ACCOUNTS = ("onenet-prod", "aliyun-prod", "onenet-south", "aliyun-south")
ENDPOINTS = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(_ACCOUNTS, 1)}
HOSTS = {endpoint.removeprefix("http://"): name for name, endpoint in ENDPOINTS.items()}
"""Accounts by the host that their requests name."""
_ONENET = {
    "type": "onenet",
    "instant": {"api": "studio", "endpoint": "https://openapi.heclouds.com"},
    "cached": {"api": "classic", "endpoint": "https://api.heclouds.com"},
    "credentials": {
        "masterKey": {"env": "ONENET_MASTER_KEY"},
        "accessKey": {"env": "ONENET_ACCESS_KEY"},
        "resource": "userid/38055",
    },
}
SUITES = {
    "classic": _ONENET,
    "studio": {**_ONENET, "projectId": "ocgzVU"},
    "current": {**_ONENET, "projectId": "ocgzVU", "instant": {"api": "current"}, "cached": {"api": "current"}},
}
"""Which generations of OneNET's interface are used: Studio with the classic queue, or the current one for both."""
_ALIYUN = {
    "type": "aliyun",
    "region": "cn-shanghai",
    "credentials": {"accessKeyId": {"env": "ALIYUN_AK"}, "accessKeySecret": {"env": "ALIYUN_SK"}},
}

SWITCHES = {
    "cached_limit": ("refuse", "evict"),
    "limit_counts": ("open", "waiting", "all"),
    "uplink_releases": ("all", "one"),
    "delivery": ("parallel", "serial"),
    "retry_position": ("keep", "back"),
    "notify_retries": ("no", "yes"),
    "between_retries": ("wait", "sent"),
    "negative_answer": ("delivered", "failed"),
    "undefined_status": ("8", "7"),
    "cancel_after_valid_time": ("allow", "refuse"),
    "cancel_refusal": ("5006", "5108", "succ"),
    "longest_validity": ("unlimited", "30d"),
    "push_ended": ("no", "yes"),
    "coap_dedup": None,
    "write_atomic": None,
    "throttle_signal": None,
    "null_version": None,
    "set_atomic": None,
    "same_value_raises_version": None,
    "versions_required": None,
    "versions_subset": None,
    "answer_versions": None,
    "unset_listed": None,
    "unset_version": None,
    "desired_error_code": None,
    "copy_nonce": None,
    "throttle_code": None,
    "throttle_status": None,
    "retry_after": None,
}
"""The switches that touch delivery; None: every choice that the emulator has for it."""


@functools.cache
def models():
    return {name: registry.find(name).dialect.load_models(()) for name in ("onenet", "aliyun")}


@functools.cache
def platforms(quota, suite="classic", accounts=_ACCOUNTS[:2]):
    """The accounts, each with that many requests a second."""
    bodies = ((name, _ALIYUN if name.startswith("aliyun") else SUITES[suite]) for name in accounts)
    return {
        name: PlatformConfig(name, body["type"], {**body, "quota": {"requestsPerSecond": quota}}, float(quota), NOWHERE)
        for name, body in bodies
    }


def _accounts_of(found):
    """Those of a herd; both of the others, whichever of them a schedule is about."""
    is_herd = any(one.device.ref.name in herd.HERD for one in found)
    used = {one.device.ref.platform for one in found}
    return tuple(name for name in _ACCOUNTS if name in used) if is_herd else _ACCOUNTS[:2]


def fleet_of(devices, quota, suite="classic", rollouts=None):
    """What loading the manifests would give."""
    found = sorted(devices, key=lambda desired: desired.device.ref)
    return Fleet(
        "proof",
        platforms(quota, suite, _accounts_of(found)),
        models(),
        found,
        digest="sha256:proof",
        refresh=RefreshRule(),
        rollouts=rollouts or {},
    )
