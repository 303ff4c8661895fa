"""The devices that schedules are about, the accounts they are on, and the switches and faults they may meet."""

import functools

from virtual_time import fleet as common
from virtual_time.fleet import ALIYUN, KEYS, LAMP, ONENET, PSM, VALVE, models

from reconcile.manifest.document import Fleet
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.ports import PlatformConfig

from . import herd

CROWD = ("m1", "m2", "m3", "m4")
"""Sleepers that a rollout changes wave by wave, in this order."""
IMEI = {
    **common.IMEI,
    **{name: f"86582003000001{number}" for number, name in enumerate(CROWD, 1)},
    **herd.IMEI,
}
PROPERTIES = {"lamp": LAMP, **herd.KEY}
"""Aliyun's devices, by what the emulator knows them by."""
IN_CLOUD = (*PROPERTIES, "valve")
"""Devices whose desired values their cloud keeps."""
PATHS = {**common.PATHS, **dict.fromkeys(CROWD, ("/3303/0/5603",)), **herd.PATHS}
NAMES = {**{identity: name for name, identity in (IMEI | PROPERTIES).items()}, VALVE: "valve"}
POPULATION = {
    **common.POPULATION,
    **{name: {"cloud": "onenet", "imei": IMEI[name], "sleep": PSM} for name in CROWD},
    **herd.POPULATION,
}
DEVICES = {
    **common.DEVICES,
    **{name: Device(DeviceRef("onenet-prod", name), Identity.of(imei=IMEI[name]), {"ring": name}) for name in CROWD},
    **herd.DEVICES,
}
PLANTED = tuple(KEYS[name].encode() for name in ("ONENET_MASTER_KEY", "ONENET_ACCESS_KEY", "ALIYUN_SK"))
"""Secrets that no output may hold."""
_ACCOUNTS = ("onenet-prod", "aliyun-prod", "onenet-south", "aliyun-south")
ENDPOINTS = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(_ACCOUNTS, 1)}
HOSTS = {endpoint.removeprefix("http://"): name for name, endpoint in ENDPOINTS.items()}
"""Accounts by the host that their requests name."""
SUITES = {
    "classic": ONENET,
    "studio": {**ONENET, "projectId": "ocgzVU"},
    "current": {**ONENET, "projectId": "ocgzVU", "instant": {"api": "current"}, "cached": {"api": "current"}},
}
"""Which generations of OneNET's interface are used: Studio with the classic queue, or the current one for both."""

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
def platforms(quota, suite="classic", accounts=_ACCOUNTS[:2]):
    """The accounts, each with that many requests a second."""
    bodies = ((name, ALIYUN if name.startswith("aliyun") else SUITES[suite]) for name in accounts)
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
