"""The pure half: things are called by their name, properties by an identifier, values are plain JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from reconcile.model.actions import Action, SetDesired, Write
from reconcile.model.desired import Command, Delivery, DesiredDocument
from reconcile.model.device import Identity
from reconcile.model.observed import Look
from reconcile.model.values import Json, Known, is_secret, same
from reconcile.ports import Capabilities, Models, NamedBytes, PlatformConfig, Problem, TypedValue

ITEMS_PER_SET = 5
_IDENTIFIER = re.compile("[A-Za-z][A-Za-z0-9]{0,31}")
_NAME = re.compile("[a-z0-9-]{1,32}")
_CAPABILITIES = Capabilities("properties", has_cloud_copy=True, has_queue=False, can_clear=True, can_execute=False)


class NoModels:
    """This cloud knows no models."""

    problems: Sequence[tuple[str, Problem]] = ()


class ToyDialect:
    """`ports.Dialect`."""

    def capabilities(self, model_key: str) -> Capabilities:
        return _CAPABILITIES

    def check_config(self, config: PlatformConfig) -> Sequence[Problem]:
        workspace = config.spec.get("workspace")
        if isinstance(workspace, str) and workspace:
            return ()
        return [Problem("RCL410", "platform configuration does not fit together", "Write `workspace: NAME`.")]

    def load_models(self, files: Iterable[NamedBytes]) -> Models:
        return NoModels()

    def read_identity(self, fields: Mapping[str, str], device_name: str) -> Identity | Problem:
        name = fields.get("deviceName", device_name)
        if _NAME.fullmatch(name):
            return Identity.of(deviceName=name)
        return Problem("RCL201", "device has no usable identity", "Small letters, digits and `-`, at most 32.")

    def model_key(self, identity: Identity) -> str:
        return ""

    def read_path(self, models: Models, model_key: str, text: str) -> str | Problem:
        if _IDENTIFIER.fullmatch(text):
            return text
        return Problem("RCL202", "path does not name a resource", "An identifier of letters and digits.")

    def read_value(
        self, models: Models, model_key: str, path: str, value: Json, value_type: str | None
    ) -> TypedValue | Problem:
        if value_type is not None:
            return _misfit("Leave out `type`: values are as they are written.")
        if value is None or is_secret(value) or isinstance(value, bool):
            return TypedValue(value)
        if isinstance(value, int | float) and abs(value) <= 2**53 and math.isfinite(value):
            return TypedValue(value)
        if isinstance(value, str) and value.isprintable():
            return TypedValue(value)
        return _misfit("Write true or false, a number of at most 53 bits, or printable text.")

    def audit(self, models: Models, model_key: str, document: DesiredDocument) -> Sequence[tuple[str, Problem]]:
        return ()

    def same(self, models: Models, model_key: str, path: str, left: Known, right: Known) -> bool:
        if _is_number(left) and _is_number(right):
            return left == right
        return same(left, right)

    def needs_look(
        self, paths: Sequence[str], *, is_refresh_all: bool, wants_uplink: bool, uuids: Sequence[str]
    ) -> Look:
        return Look(tuple(paths), wants_cloud=True, wants_reported=is_refresh_all)

    def write_actions(
        self, writes: Sequence[Write], versions: Mapping[str, int], delivery: Delivery, *, is_now: bool
    ) -> Sequence[Action]:
        ordered = sorted(writes, key=lambda write: write.path)
        batches = [ordered[first : first + ITEMS_PER_SET] for first in range(0, len(ordered), ITEMS_PER_SET)]
        return [SetDesired(tuple(b), tuple((w.path, versions.get(w.path, 0)) for w in b)) for b in batches]

    def run_action(self, command: Command, run_key: str, delivery: Delivery, *, is_now: bool) -> Action:
        raise ValueError(f"{command.name}: this cloud runs no commands")

    def show_path(self, models: Models, model_key: str, path: str) -> str:
        return path


def _is_number(value: Known) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _misfit(advice: str) -> Problem:
    return Problem("RCL205", "value does not fit the type of this resource", advice)
