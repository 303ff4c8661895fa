"""When the devices of a plan are expected to confirm what it sends."""

from __future__ import annotations

from datetime import datetime

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Later:
    """What the plan leaves to later runs because it waits for its turn: on how many devices, the most uplinks that
    takes beyond those of the plan itself, and the seconds until 99 % hold all of it, if a run comes before each.
    """

    devices: int
    turns: int
    all_s: int | None = None

    def to_json(self) -> JsonObject:
        """The member `later` of a forecast."""
        return {"devices": self.devices, "turns": self.turns, "all_s": self.all_s}

    @classmethod
    def from_json(cls, body: JsonObject) -> Later:
        """The reverse of `to_json`. Raises: KeyError or ValueError."""
        return cls(int(str(body["devices"])), int(str(body["turns"])), _seconds(body["all_s"]))


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of `devices` that have something to confirm, nothing is known of the uplinks of `unknown`; the rest is about the
    others: seconds after the plan was made until half and 99 % of them confirmed, and how many will outlive their
    expiry unconfirmed. None: that many will not confirm before what waits for them expires.
    """

    devices: int = 0
    unknown: int = 0
    half_s: int | None = None
    most_s: int | None = None
    outlive: int = 0
    later: Later | None = None

    @property
    def known(self) -> int:
        """Devices that it says something about."""
        return self.devices - self.unknown

    def to_json(self) -> JsonObject:
        """The form in a plan's `summary.forecast` and in the state."""
        body: JsonObject = {
            "devices": self.devices,
            "unknown": self.unknown,
            "half_s": self.half_s,
            "most_s": self.most_s,
            "outlive": self.outlive,
        }
        return body if self.later is None else {**body, "later": self.later.to_json()}

    @classmethod
    def from_json(cls, body: JsonObject) -> Forecast:
        """The reverse of `to_json`. Raises: KeyError or ValueError."""
        devices, unknown, outlive = (int(str(body[name])) for name in ("devices", "unknown", "outlive"))
        written = body.get("later")
        later = Later.from_json(written) if isinstance(written, dict) else None
        return cls(devices, unknown, _seconds(body["half_s"]), _seconds(body["most_s"]), outlive, later)


def _seconds(value: Json) -> int | None:
    return None if value is None else int(str(value))


@dataclass(frozen=True, slots=True)
class Foretold:
    """The forecast of the plan last begun, and when it was begun (our clock): what `status` scores."""

    at: datetime
    forecast: Forecast
