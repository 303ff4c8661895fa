"""What a plan tells of a rollout: its waves with their counts, where it stands, what it waits for. Decides nothing."""

from __future__ import annotations

from datetime import datetime

from reconcile.model.forecast import Forecast
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject


@dataclass(frozen=True, slots=True)
class WaveNote:
    """One wave: devices in it, and how many of them confirmed, failed, may still answer (silent), were silent for too
    long (parked), or are still to be sent. `accepted_s`: until the clouds accepted what is still to be sent of it.
    """

    number: int
    devices: int
    confirmed: int = 0
    failed: int = 0
    silent: int = 0
    parked: int = 0
    unsent: int = 0
    accepted_s: float = 0.0
    forecast: Forecast | None = None

    def to_json(self) -> JsonObject:
        """An entry of `waves`."""
        body: JsonObject = {
            "wave": self.number,
            "devices": self.devices,
            "confirmed": self.confirmed,
            "failed": self.failed,
            "silent": self.silent,
            "parked": self.parked,
            "unsent": self.unsent,
            "accepted_s": self.accepted_s,
        }
        return body if self.forecast is None else {**body, "forecast": self.forecast.to_json()}

    @classmethod
    def from_json(cls, body: JsonObject) -> WaveNote:
        """The reverse of `to_json`. Raises: KeyError or ValueError when it is not one."""
        forecast = body.get("forecast")
        return cls(
            number=int(str(body["wave"])),
            devices=int(str(body["devices"])),
            confirmed=int(str(body["confirmed"])),
            failed=int(str(body["failed"])),
            silent=int(str(body["silent"])),
            parked=int(str(body["parked"])),
            unsent=int(str(body["unsent"])),
            accepted_s=float(str(body["accepted_s"])),
            forecast=Forecast.from_json(forecast) if isinstance(forecast, dict) else None,
        )


@dataclass(frozen=True, slots=True)
class RolloutNote:
    """One rollout. `standing`: sending, closed (outside its window), waiting, aborted or done; `wave`: the last one
    that may be sent now. `again_s`: when it may be worth running again; `opens`: when its window does.
    """

    profile: str
    id: str
    standing: str
    wave: int
    waves: tuple[WaveNote, ...]
    again_s: int | None = None
    opens: datetime | None = None

    @property
    def counts(self) -> WaveNote:
        """The waves up to the current one, together."""
        return total(self.waves[: self.wave], self.wave)

    def to_json(self) -> JsonObject:
        """An entry of `rollouts`."""
        waves: list[Json] = [wave.to_json() for wave in self.waves]
        body: JsonObject = {
            "profile": self.profile,
            "id": self.id,
            "standing": self.standing,
            "wave": self.wave,
            "waves": waves,
        }
        if self.again_s is not None:
            body["again_s"] = self.again_s
        return body if self.opens is None else {**body, "opens": self.opens.isoformat()}

    @classmethod
    def from_json(cls, body: JsonObject) -> RolloutNote:
        """The reverse of `to_json`. Raises: KeyError or ValueError when it is not one."""
        waves, again, opens = body["waves"], body.get("again_s"), body.get("opens")
        return cls(
            str(body["profile"]),
            str(body["id"]),
            str(body["standing"]),
            int(str(body["wave"])),
            tuple(WaveNote.from_json(wave) for wave in waves if isinstance(wave, dict))
            if isinstance(waves, list)
            else (),
            None if again is None else int(str(again)),
            None if opens is None else datetime.fromisoformat(str(opens)),
        )


def total(waves: tuple[WaveNote, ...], number: int) -> WaveNote:
    """The counts of several waves as those of one."""
    return WaveNote(
        number=number,
        devices=sum(wave.devices for wave in waves),
        confirmed=sum(wave.confirmed for wave in waves),
        failed=sum(wave.failed for wave in waves),
        silent=sum(wave.silent for wave in waves),
        parked=sum(wave.parked for wave in waves),
        unsent=sum(wave.unsent for wave in waves),
    )
