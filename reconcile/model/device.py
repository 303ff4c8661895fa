"""A device: where it lives, what it is called on the wire, and its labels."""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.model.diagnostic import NOWHERE, Span
from reconcile.model.late import dataclass
from reconcile.model.values import frozen_items


@dataclass(frozen=True, slots=True, order=True)
class DeviceRef:
    """`platform/name`: the name people and files use."""

    platform: str
    name: str

    def __str__(self) -> str:
        return f"{self.platform}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> DeviceRef:
        """The reverse of `str`. Raises: ValueError without a slash."""
        platform, slash, name = text.partition("/")
        if not slash:
            raise ValueError(text)
        return cls(platform, name)


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What the cloud calls a device: `imei`, or `productKey` and `deviceName`, or `iotId`; sorted pairs."""

    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, **fields: str) -> Identity:
        """Identity from wire names, e.g. `Identity.of(imei="865820031234567")`."""
        return cls(frozen_items(fields))

    def get(self, name: str) -> str | None:
        """One field, or None."""
        return next((value for key, value in self.fields if key == name), None)

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def as_dict(self) -> dict[str, str]:
        """The fields as a dict, for JSON."""
        return dict(self.fields)

    def __str__(self) -> str:
        return ",".join(f"{key}={value}" for key, value in self.fields)


@dataclass(frozen=True, slots=True)
class Device:
    """One thing on one platform."""

    ref: DeviceRef
    identity: Identity
    labels: Mapping[str, str]
    span: Span = NOWHERE
