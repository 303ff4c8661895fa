"""What is known of a foreign change that a plan met: both versions, and since when the foreign value stands."""

from __future__ import annotations

from datetime import datetime

from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class ConflictNote:
    """Beside the three values of a notice. `policy`: hold | ours | adopt of a conflict, `overwrites` of a value that a
    person set at the device. `changed_at` is the cloud's time of the foreign value; nobody tells who set it.
    """

    policy: str
    recorded_version: int | None = None
    version: int | None = None
    changed_at: datetime | None = None

    def to_json(self) -> JsonObject:
        """The member `conflict` of a notice."""
        body: JsonObject = {"policy": self.policy}
        if self.recorded_version is not None:
            body["recorded_version"] = self.recorded_version
        if self.version is not None:
            body["version"] = self.version
        if self.changed_at is not None:
            body["changed_at"] = self.changed_at.isoformat()
        return {"conflict": body}

    @classmethod
    def from_json(cls, body: JsonObject) -> ConflictNote | None:
        """The reverse, from a notice; None where it has no such member. Raises: KeyError, TypeError or ValueError."""
        inner = body.get("conflict")
        if inner is None:
            return None
        if not isinstance(inner, dict):
            raise TypeError(type(inner).__name__)
        recorded, version, at = inner.get("recorded_version"), inner.get("version"), inner.get("changed_at")
        return cls(
            str(inner["policy"]),
            None if recorded is None else int(str(recorded)),
            None if version is None else int(str(version)),
            None if at is None else datetime.fromisoformat(str(at)),
        )
