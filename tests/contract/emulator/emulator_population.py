"""The devices of the contract tests."""

IMEI = "865820031234567"
RECORDS = [
    {"cloud": "onenet", "imei": IMEI, "sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20},
     "resources": {"/3303/0/5603": {"value": -20.0, "type": "float", "operations": "RW"}, "/3/0/4": {"operations": "E"}}},
    {"cloud": "onenet", "imei": "8658200312", "sleep": {"kind": "none"}},
    {"cloud": "aliyun", "productKey": "a1", "deviceName": "lamp", "sleep": {"kind": "none"}},
]  # fmt: skip
