"""Devices with a thing model: desired properties without a precondition on the wire."""

import json
from types import MappingProxyType

from crash_site import Site

MODEL = {
    "properties": [
        {
            "identifier": name, "name": name, "functionType": "u", "functionMode": "property", "accessMode": "rw",
            "dataType": {"type": "int32", "specs": {"min": "0", "max": "100"}},
        }
        for name in ("Level", "Tone")
    ],
    "events": [],
    "services": [],
}  # fmt: skip


class Things(Site):
    """OneJSON things: a desired property changes, another is cleared."""

    PRODUCT = "9MaNe52pNO"
    POPULATION = tuple(
        {"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": name, "thingModel": MODEL}
        for name in ("lamp-1", "lamp-2")
    )
    NAMES = MappingProxyType({name: f"9MaNe52pNO/{name}" for name in ("lamp-1", "lamp-2")})
    ENDPOINTS = ("onenet-prod",)

    def write(self):
        fleet = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: things}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: studio}
      cached: {api: studio}
      projectId: ocgzVU
      credentials: {accessKey: {env: ONENET_ACCESS_KEY}, resource: "userid/38055"}
  models: [models/]
"""
        (self.manifests / "models").mkdir()
        self.file(f"models/{self.PRODUCT}.json", json.dumps(MODEL))
        self.file("fleet.yaml", fleet)
        self._declare("{Level: 60, Tone: 1}")

    def prepare(self):
        self.apply()
        self._declare("{Level: 70, Tone: null}")

    def check(self):
        self.check_at_rest()
        for name in self.NAMES.values():
            desired = self.get(f"/devices/onenet/{name}")["desired"]
            assert {key: (item["value"], item["version"]) for key, item in desired.items()} == {"Level": (70, 2)}

    def _declare(self, properties):
        head = "apiVersion: reconcile/v1\nkind: Device\n"
        spec = f"{{platform: onenet-prod, productId: {self.PRODUCT}, properties: {properties}}}"
        devices = [f"{head}metadata: {{name: {name}}}\nspec: {spec}\n" for name in self.NAMES]
        self.file("devices.yaml", "---\n".join(devices))
