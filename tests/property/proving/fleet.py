"""The devices of histories: a sleeper and a listener (LwM2M), a lamp (Aliyun), a valve (OneJSON), and a spare meter."""

from reconcile.model.device import Device, DeviceRef, Identity

IMEI = {"sleeper": "865820030000001", "listener": "865820030000002"}
SPARE = "865820030000003"
LAMP = "a1Proof/lamp"
VALVE = "9MaNe52pNO/valve"
CLOUD_COPY = {"lamp": LAMP, "valve": VALVE}
"""Devices whose desired values their cloud keeps."""
REBOOT = "/3/0/4"
PATHS = {
    "sleeper": ("/3303/0/5603", "/3303/0/5604", "/1/0/3"),
    "listener": ("/3303/0/5603", "/1/0/3"),
    "lamp": ("P1", "P2", "P3"),
    "valve": ("P1", "P2"),
}
FOLLOWS = {
    "sleeper": {"/1/0/3": ("/3303/0/5604",), "/3303/0/5604": ("/3303/0/5603",)},
    "listener": {"/1/0/3": ("/3303/0/5603",)},
    "lamp": {"P2": ("P1",)},
    "valve": {},
}
"""What is written after what, in histories with an order."""
POPULATION = [
    {"cloud": "onenet", "imei": IMEI["sleeper"], "sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}},
    {"cloud": "onenet", "imei": IMEI["listener"], "sleep": {"kind": "none"}},
    {"cloud": "aliyun", "productKey": "a1Proof", "deviceName": "lamp", "sleep": {"kind": "none"}},
    {"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": "valve", "sleep": {"kind": "none"}},
]
IN_STORE = {"cloud": "onenet", "imei": SPARE, "sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}}
DEVICES = (
    Device(DeviceRef("onenet-prod", "sleeper"), Identity.of(imei=IMEI["sleeper"]), {}),
    Device(DeviceRef("onenet-prod", "listener"), Identity.of(imei=IMEI["listener"]), {}),
    Device(DeviceRef("aliyun-prod", "lamp"), Identity.of(productKey="a1Proof", deviceName="lamp"), {}),
    Device(DeviceRef("onenet-prod", "valve"), Identity.of(productId="9MaNe52pNO", deviceName="valve"), {}),
)
NAMES = {IMEI["sleeper"]: "sleeper", SPARE: "sleeper", IMEI["listener"]: "listener", LAMP: "lamp", VALVE: "valve"}
"""Whose part a device plays."""
