"""The notes of an import that was interrupted: one line a device that was read, so that nobody is asked twice.

The file lies beside the folder to be written, readable by its owner only, and is removed when the folder stands. A line
that was torn by a crash is passed over. Values that look like secrets were left out before they came here.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TextIO

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.values import Json, canonical
from reconcile.runs.adoption.subject import Chosen, Reading, Subject


@dataclass(slots=True)
class Notes:
    """Notes in a file."""

    path: Path
    _file: TextIO | None = None

    @classmethod
    def beside(cls, folder: Path) -> Notes:
        """The notes of the import into that folder."""
        return cls(folder.parent / f".{folder.name}.import.ndjson")

    def read(self) -> dict[DeviceRef, dict[str, Json]]:
        """What was noted, by device; empty without a file."""
        found: dict[DeviceRef, dict[str, Json]] = {}
        try:
            content = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return found
        for line in content.splitlines():
            try:
                body = json.loads(line)
                found[DeviceRef.parse(body["device"])] = body
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def add(self, subject: Subject) -> None:
        """Notes a device that was read to the end. Raises: OSError."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            self._file = os.fdopen(handle, "a", encoding="utf-8")
            self._file.write("\n")  # ends a line that a crash tore
        body: dict[str, Json] = {
            "device": str(subject.chosen.ref),
            "identity": str(subject.chosen.identity),
            "values": {path: reading.to_json() for path, reading in subject.readings.items()},
            "left": dict(subject.left),
        }
        self._file.write(canonical(body).decode("utf-8", "backslashreplace") + "\n")
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """The import stands: nothing is left to go on with."""
        self.close()
        self.path.unlink(missing_ok=True)


def recalled(chosen: Chosen, body: dict[str, Json]) -> Subject | None:
    """The device as it was noted; None when the note is of another device or cannot be used."""
    values, left = body.get("values"), body.get("left")
    if body.get("identity") != str(chosen.identity) or not isinstance(values, dict) or not isinstance(left, dict):
        return None
    try:
        readings = {path: Reading.from_json(reading) for path, reading in values.items()}
    except (ValueError, TypeError):
        return None
    return Subject(chosen, readings, {path: str(why) for path, why in left.items()})
