"""A desk at the pure core: requests in, parsed answers out, and a clock moved by hand."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from reconcile.emulator import Request, World, handle

START = datetime(2026, 1, 31, tzinfo=UTC)
IMEI = "865820031234567"
SLEEPER = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20, "phase_s": 1800}
METER = {
    "cloud": "onenet", "imei": IMEI, "sleep": SLEEPER,
    "resources": {
        "/3303/0/5603": {"value": -20.0, "type": "float", "operations": "RW"},
        "/3303/0/5604": {"value": 60.0, "type": "float", "operations": "RW"},
        "/3303/0/5700": {"value": 21.5, "type": "float", "operations": "R"},
        "/3/0/4": {"operations": "E"}, "/3/0/13": {"value": 1530496927, "type": "time", "operations": "RW"},
        "/10/0/1": {"value": "121a", "type": "opaque", "operations": "RW"},
    },
}  # fmt: skip
AWAKE_METER = METER | {"sleep": {"kind": "none", "phase_s": 30}}
ONEJSON = {
    "version": "1.0", "profile": {"productId": "p1"},
    "properties": [
        {"identifier": "switch", "name": "s", "functionType": "u", "functionMode": "property", "accessMode": "rw", "desc": "",
         "dataType": {"type": "bool", "specs": {"true": "on", "false": "off"}}},
        {"identifier": "CO2", "name": "c", "accessMode": "rw", "dataType": {"type": "int32", "specs": {"min": "0", "max": "1000", "step": "1", "unit": ""}}},
        {"identifier": "warmth", "name": "w", "accessMode": "rw", "dataType": {"type": "float", "specs": {"min": "-5", "max": "40.5", "step": "", "unit": ""}}},
        {"identifier": "label", "name": "l", "accessMode": "rw", "dataType": {"type": "string", "specs": {"length": "4"}}},
        {"identifier": "type", "name": "t", "accessMode": "rw", "dataType": {"type": "enum", "specs": {"1": "a", "2": "b"}}},
        {"identifier": "error", "name": "e", "accessMode": "rw", "dataType": {"type": "bitMap", "specs": {"0": "x"}}},
        {"identifier": "at", "name": "a", "accessMode": "rw", "dataType": {"type": "date", "specs": {}}},
        {"identifier": "event", "name": "ev", "accessMode": "rw", "dataType": {"type": "struct", "specs": [
            {"identifier": "a", "name": "a", "dataType": {"type": "int32", "specs": {"min": "0", "max": "9"}}},
            {"identifier": "b", "name": "b", "dataType": {"type": "bool", "specs": {}}}]}},
        {"identifier": "slots", "name": "sl", "accessMode": "rw", "dataType": {"type": "array", "specs": {"length": "2", "type": "int32", "specs": {"min": "1", "max": "5"}}}},
        {"identifier": "lux", "name": "lx", "accessMode": "r", "dataType": {"type": "int64", "specs": {}}},
    ],
    "events": [], "services": [],
}  # fmt: skip
VALVE = {
    "cloud": "onenet", "productId": "p1", "deviceName": "valve-1", "sleep": {"kind": "none", "phase_s": 30},
    "thingModel": ONEJSON, "values": {"switch": False, "CO2": 600},
}  # fmt: skip
SLEEPY_VALVE = VALVE | {"sleep": SLEEPER}
LAMP = {"cloud": "aliyun", "productKey": "a1", "deviceName": "lamp", "sleep": {"kind": "none", "phase_s": 30}}
SLEEPY_LAMP = LAMP | {"sleep": SLEEPER}
TSL = {
    "profile": {"productKey": "a1"},
    "properties": [
        {"identifier": "Brightness", "name": "b", "accessMode": "rw", "dataType": {"type": "int", "specs": {"min": "0", "max": "100", "step": "5"}}},
        {"identifier": "Target", "name": "t", "accessMode": "rw", "dataType": {"type": "float", "specs": {"min": "-10", "max": "9e18", "unit": "C"}}},
        {"identifier": "Power", "name": "p", "accessMode": "rw", "dataType": {"type": "bool", "specs": {"0": "off", "1": "on"}}},
        {"identifier": "Mode", "name": "m", "accessMode": "rw", "dataType": {"type": "enum", "specs": {"-1": "x", "68": "y"}}},
        {"identifier": "Label", "name": "l", "accessMode": "rw", "dataType": {"type": "text", "specs": {"length": "4"}}},
        {"identifier": "At", "name": "a", "accessMode": "rw", "dataType": {"type": "date", "specs": {}}},
        {"identifier": "Slots", "name": "s", "accessMode": "rw", "dataType": {"type": "array", "specs": {"size": "2", "item": {"type": "int"}}}},
        {"identifier": "Timer", "name": "ti", "accessMode": "rw", "dataType": {"type": "struct", "specs": [
            {"identifier": "Left", "name": "left", "dataType": {"type": "int", "specs": {"min": "0", "max": "9"}}}]}},
        {"identifier": "Lux", "name": "lux", "accessMode": "r", "dataType": {"type": "int", "specs": {}}},
    ],
}  # fmt: skip


class Desk:
    """Talks to one world at one instant."""

    def __init__(self, *records, seed=0, **switches):
        self.world = World.from_records(records, seed=seed, now=START, switches=switches)
        self.elapsed = timedelta()
        self._nonces = itertools.count()

    @property
    def now(self):
        return START + self.elapsed + timedelta(milliseconds=self.world.advanced_ms)

    def raw(self, method, path, query=(), body=b"", **headers):
        text = query if isinstance(query, str) else urlencode(query)
        head = {name.replace("_", "-"): value for name, value in headers.items()}
        return handle(self.world, Request(method, path, text, head, body), self.now)

    def onenet(self, method, path, query=(), body=None, **headers):
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self.raw(method, path, query, raw, **(headers or {"api_key": "emulator-master-key"}))
        return json.loads(response.body) if response.body else None

    def studio(self, method, space, action, query=(), body=None):
        """A call to Studio with a good token; the parsed answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        pairs = {"action": action, "version": 1} | dict(query)
        return json.loads(self.raw(method, f"/{space}", pairs, raw, authorization=self.token("2020-05-29")).body)

    def current(self, method, path, query=(), body=None, res="userid/38055"):
        """A call to the current platform with a good token; the parsed answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        return json.loads(self.raw(method, path, query, raw, authorization=self.token("2022-05-01", res)).body)

    def token(self, version, res="userid/38055", method="sha256"):
        """A token good for a minute, signed here and not by the code under test."""
        et = str(int(self.now.timestamp()) + 60)
        key = base64.b64decode("ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=")
        mac = hmac.new(key, f"{et}\n{method}\n{res}\n{version}".encode(), method).digest()
        sign = quote(base64.b64encode(mac).decode(), safe="")
        return f"version={version}&res={quote(res, safe='')}&et={et}&method={method}&sign={sign}"

    def control(self, method, path, body=None):
        raw = b"" if body is None else json.dumps(body).encode()
        return json.loads(self.raw(method, f"/_emulator{path}", "", raw).body)

    def advance(self, seconds):
        return self.control("POST", "/clock", {"advance_s": seconds})

    def script(self, *faults, **match):
        named = list(faults) if len(faults) > 1 else faults[0]
        return self.control("POST", "/faults", {"rules": [{"match": match, "fault": named}]})

    def device(self, imei=IMEI):
        return self.control("GET", f"/devices/onenet/{imei}")

    def valve(self):
        return self.control("GET", "/devices/onenet/p1/valve-1")

    def lamp(self):
        return self.control("GET", "/devices/aliyun/a1/lamp")

    def log(self):
        return self.control("GET", "/log")

    def write(self, *values, path="/nbiot", imei=IMEI, **query):
        data = [{"res_id": res_id, "val": value} for res_id, value in values]
        params = {"imei": imei, "obj_id": 3303, "obj_inst_id": 0, "mode": 2} | query
        return self.onenet("POST", path, params, {"data": data})

    def queue(self, *values, **query):
        answer = self.write(*values, path="/nbiot/offline", **({"expired_time": beijing(self.now, 86400)} | query))
        return answer["data"]["uuid"] if answer["errno"] == 0 else answer

    def queue_execute(self, args=None, **query):
        params = {
            "imei": IMEI,
            "obj_id": 3,
            "obj_inst_id": 0,
            "res_id": 4,
            "expired_time": beijing(self.now, 86400),
        } | query
        answer = self.onenet("POST", "/nbiot/execute/offline", params, None if args is None else {"args": args})
        return answer["data"]["uuid"] if answer["errno"] == 0 else answer

    def rpc(self, action, **params):
        """A correctly signed V1 call, signed here and not by the code under test."""
        response = self.rpc_response(action, **params)
        return json.loads(response.body)

    def rpc_response(self, action, *, at=None, secret="emulator-secret", form=None, **params):
        stamp = (at or self.now).strftime("%Y-%m-%dT%H:%M:%SZ")
        pairs = {
            "Action": action, "Version": "2018-01-20", "Format": "JSON", "AccessKeyId": "emulator-ak", "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0", "SignatureNonce": f"nonce-{next(self._nonces)}", "Timestamp": stamp,
        } | params  # fmt: skip
        pairs = {name: value for name, value in pairs.items() if value is not None}
        everything = pairs | (form or {})
        canonical = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(everything.items()))
        text = f"POST&%2F&{quote(canonical, safe='~')}"
        mac = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
        pairs = pairs | {"Signature": base64.b64encode(mac).decode()}
        body = urlencode(form).encode() if form else b""
        return self.raw("POST", "/", pairs, body, content_type="application/x-www-form-urlencoded")

    def set(self, items, versions="{}", **params):
        text = items if isinstance(items, str) else json.dumps(items)
        known = versions if isinstance(versions, str) or versions is None else json.dumps(versions)
        return self.rpc(
            "SetDeviceDesiredProperty", ProductKey="a1", DeviceName="lamp", Items=text, Versions=known, **params
        )

    def desired(self, **params):
        answer = self.rpc("QueryDeviceDesiredProperty", ProductKey="a1", DeviceName="lamp", **params)
        return {row["Identifier"]: row for row in answer["Data"]["List"]["DesiredPropertyInfo"]}

    def clear(self, *keys):
        form = {f"Identifies.{number}": key for number, key in enumerate(keys, 1)}
        response = self.rpc_response("ClearDeviceDesiredProperty", form=form, ProductKey="a1", DeviceName="lamp")
        return json.loads(response.body)


def beijing(now, seconds=0):
    """OneNET's request time format."""
    return (now + timedelta(hours=8, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
