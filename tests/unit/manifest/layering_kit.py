"""A small dialect of each sort, and fleets written as YAML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from reconcile.manifest.compile import Inputs, compile_fleet
from reconcile.manifest.parse import parse
from reconcile.model.device import Identity
from reconcile.ports import Capabilities, NamedBytes, Problem, TypedValue
from reconcile.runs.shipped import schemas

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

FLEET = """
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: city-works}
spec:
  platforms:
    one: {type: onenet}
    ali: {type: aliyun, region: cn-shanghai}
  inventory: [meters.csv]
"""


class NoModels:
    problems = ()


@dataclass
class FakeDialect:
    """Paths must start as they should; integers from 0 to 100 or texts; `/9/0/0` is read-only."""

    can: Capabilities
    audited: tuple = ()

    def capabilities(self, model_key):
        return self.can

    def check_config(self, config):
        return ()

    def load_models(self, files):
        return NoModels()

    def read_identity(self, fields, device_name):
        if "imei" in fields:
            return Identity.of(imei=fields["imei"])
        if "productKey" in fields:
            return Identity.of(productKey=fields["productKey"], deviceName=fields.get("deviceName", device_name))
        return Problem("RCL201", "device has no usable identity", "Found none.")

    def model_key(self, identity):
        return identity.get("productKey") or ""

    def read_path(self, models, model_key, text):
        return text if text != "bad" else Problem("RCL202", "path does not name a resource", "Found bad.")

    def read_value(self, models, model_key, path, value, value_type):
        if path == "/9/0/0":
            return Problem("RCL204", "value cannot be written to this resource", "It is read-only.")
        if path == "/8/0/0" and isinstance(value, str):
            return Problem("RCL205", "value does not fit the type of this resource", f"Found {value}.")
        if isinstance(value, int) and not 0 <= value <= 100:
            return Problem("RCL206", "value is out of the range of this resource", f"Found {value}.")
        return TypedValue(value, value_type)

    def audit(self, models, model_key, document):
        return [(path, problem) for path, problem in self.audited if any(r.path == path for r in document.resources)]

    def show_path(self, models, model_key, path):
        return path


ONENET = FakeDialect(Capabilities("resources", False, True, can_clear=False, can_execute=True))
ALIYUN = FakeDialect(Capabilities("properties", True, False, can_clear=True, can_execute=False))


def fleet_of(*manifests, inventory="", fleet=FLEET, onenet=ONENET, is_complete=True):
    """The fleet of YAML texts named a.yaml, b.yaml, ... and an inventory meters.csv."""
    files = [NamedBytes("fleet.yaml", fleet.encode())]
    files += [NamedBytes(f"{chr(97 + index)}.yaml", text.encode()) for index, text in enumerate(manifests)]
    documents, problems = parse(files, schemas())
    assert problems == []
    inventories = [NamedBytes("meters.csv", inventory.encode())] if inventory else []
    dialects = {"onenet": onenet, "aliyun": ALIYUN}
    models = {"onenet": NoModels(), "aliyun": NoModels()}
    return compile_fleet(Inputs(documents, inventories, dialects, models, is_complete=is_complete), now=NOW)


def profile(name, spec):
    """A Profile with the members of `spec`, which is indented by two."""
    return f"apiVersion: reconcile/v1\nkind: Profile\nmetadata: {{name: {name}}}\nspec:\n{spec}\n"


def device(name, spec, labels="{}"):
    """A Device with the members of `spec`, which is indented by two."""
    head = f"apiVersion: reconcile/v1\nkind: Device\nmetadata: {{name: {name}, labels: {labels}}}\nspec:\n"
    return f"{head}{spec}\n"


def of(fleet, name):
    """The desired device of that name."""
    return next(desired for desired in fleet.devices if desired.device.ref.name == name)


def values(fleet, name):
    """What a device is to be set to."""
    return {resource.path: resource.value for resource in of(fleet, name).document.resources}


def codes(fleet):
    """The codes of all diagnostics, in order."""
    return [diagnostic.code for diagnostic in fleet.diagnostics]


def only(fleet):
    """The one diagnostic there is."""
    assert len(fleet.diagnostics) == 1, fleet.diagnostics
    return fleet.diagnostics[0]
