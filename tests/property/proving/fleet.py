"""The devices of histories: a sleeper and a listener (LwM2M), a lamp (Aliyun), a valve (OneJSON), and a spare meter."""

from virtual_time import fleet as common
from virtual_time.fleet import IMEI, LAMP, PSM, VALVE

PATHS, REBOOT = common.PATHS, common.REBOOT
SPARE = "865820030000003"
CLOUD_COPY = {"lamp": LAMP, "valve": VALVE}
"""Devices whose desired values their cloud keeps."""
FOLLOWS = {
    "sleeper": {"/1/0/3": ("/3303/0/5604",), "/3303/0/5604": ("/3303/0/5603",)},
    "listener": {"/1/0/3": ("/3303/0/5603",)},
    "lamp": {"P2": ("P1",)},
    "valve": {},
}
"""What is written after what, in histories with an order."""
POPULATION = [*common.POPULATION.values()]
IN_STORE = {"cloud": "onenet", "imei": SPARE, "sleep": PSM}
DEVICES = (*common.DEVICES.values(),)
NAMES = {IMEI["sleeper"]: "sleeper", SPARE: "sleeper", IMEI["listener"]: "listener", LAMP: "lamp", VALVE: "valve"}
"""Whose part a device plays."""
