"""An export read back: every record is checked for its shape, its order and its place in the chain.

Rule: nothing of an export counts before its last line was reached, because a cut file looks whole up to there. That
line says how many records there are and what they hash to; the journal is checked against its own chain besides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final

from reconcile.model.device import DeviceRef
from reconcile.model.errors import StateError, StateTooNew
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject, canonical
from reconcile.state.codec import attempt_json, device_json, entry_json, read_attempt, read_device, read_entry
from reconcile.state.exported_lines import named, refusal, short
from reconcile.state.lineage import first_hash

FORMAT: Final = "reconcile-state/1"
"""Names the shape of an export."""

_FAMILY: Final = "reconcile-state/"
_KINDS: Final = ("header", "device", "open", "journal", "consumed", "end")
_LINEAGE: Final = re.compile(r"[0-9a-f]{32}")


def header(lineage: str, serial: int, begun: str | None, generation: str | None = None) -> JsonObject:
    """The first record; `begun` is the plan last begun, `generation` the commit last applied, if any."""
    body: JsonObject = {"kind": "header", "format": FORMAT, "lineage": lineage, "serial": serial}
    last = {"begun": begun, "generation": generation}
    return body | {name: value for name, value in last.items() if value is not None}


class Sealer:
    """Counts and hashes the records of an export, and makes the line that ends it."""

    def __init__(self) -> None:
        self._count, self._hash = 0, hashlib.sha256()

    def add(self, body: JsonObject) -> JsonObject:
        """Takes one record, and hands it back."""
        self._count += 1
        self._hash.update(canonical(body) + b"\n")
        return body

    def end(self) -> JsonObject:
        """The last line: how many records came before it, and their hash."""
        return {"kind": "end", "records": self._count, "sha256": self._hash.hexdigest()}


@dataclass(slots=True)
class Learned:
    """What the records of an export say together: what a store derives from them instead of being told."""

    lineage: str = ""
    serial: int = 0
    begun: str | None = None
    generation: str | None = None
    journal_seq: int = 0
    journal_hash: bytes = b""
    fences: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, tuple[int, AttemptState]] = field(default_factory=dict)


def verified(bodies: Iterable[JsonObject], learned: Learned) -> Iterator[JsonObject]:
    """Each record once it is checked; `learned` is whole only after the last one.

    Raises: StateError, also when the end is missing; StateTooNew for an export of another format.
    """
    reading, number = _Reading(learned), 0
    for number, body in enumerate(bodies, start=1):
        if reading.is_over:
            raise refusal(number, "it comes after the line that ends the export")
        try:
            reading.take(body)
        except StateError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as exc:
            raise refusal(number, short(exc)) from exc
        yield body
    if not reading.is_over:
        raise refusal(number + 1, "the line that ends the export is missing: the file was cut off")


class _Reading:
    """Where the reading of an export stands."""

    def __init__(self, learned: Learned) -> None:
        self._learned, self._sealer = learned, Sealer()
        self._stage = -1
        self._last: DeviceRef | None = None
        self._said: dict[str, OpenAttempt] = {}
        self._open: dict[str, JournalEntry] = {}
        self._takers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "header": self._header,
            "device": self._device,
            "open": self._attempt,
            "journal": self._link,
            "consumed": self._consumed,
        }

    @property
    def is_over(self) -> bool:
        return self._stage == len(_KINDS) - 1

    def take(self, body: JsonObject) -> None:
        kind = body["kind"]
        if kind not in _KINDS:
            raise ValueError(f"no record of kind {named(kind)} is known")
        stage = _KINDS.index(str(kind))
        if stage < self._stage or (stage == 0) != (self._stage < 0):
            raise ValueError(f"a record of kind {kind} does not belong here")
        self._stage = stage
        if kind == "end":
            self._end(body)
            return
        self._takers[str(kind)](body)
        self._sealer.add(body)

    def _header(self, body: Mapping[str, Any]) -> None:
        found = body["format"]
        if found != FORMAT:
            if isinstance(found, str) and found.startswith(_FAMILY):
                raise StateTooNew(
                    f"the export has another format: found {named(found)}, this version reads {FORMAT}. "
                    "Use the version that wrote it; nothing was changed."
                )
            raise ValueError("it is not the header of an export")
        learned = self._learned
        learned.lineage, learned.serial, learned.begun = body["lineage"], body["serial"], body.get("begun")
        learned.generation = body.get("generation")
        for text in (learned.begun, learned.generation):
            if text is not None:
                _text(text)
        if not _LINEAGE.fullmatch(learned.lineage):
            raise ValueError("there is no lineage: a state that did not exist yet holds nothing to import")
        _check_count(learned.serial)
        _check(body, header(learned.lineage, learned.serial, learned.begun, learned.generation))
        learned.journal_hash = first_hash(learned.lineage)

    def _device(self, body: Mapping[str, Any]) -> None:
        device = read_device(body)
        if self._last is not None and device.ref <= self._last:
            raise ValueError(f"device {device.ref} is out of order, or there twice")
        self._last = device.ref
        _check(body, {"kind": "device", **device_json(device)})

    def _attempt(self, body: Mapping[str, Any]) -> None:
        attempt = read_attempt(body)
        _check(body, {"kind": "open", **attempt_json(attempt)})
        if attempt.entry.intent in self._said:
            raise ValueError("an open attempt is there twice")
        self._said[attempt.entry.intent] = attempt

    def _link(self, body: Mapping[str, Any]) -> None:
        learned, entry = self._learned, read_entry(body["entry"])
        learned.journal_seq += 1
        digest = hashlib.sha256(learned.journal_hash + canonical(entry_json(entry))).digest()
        expected: JsonObject = {
            "kind": "journal",
            "seq": learned.journal_seq,
            "hash": digest.hex(),
            "entry": entry_json(entry),
        }
        why = f"entry {learned.journal_seq} of the journal, or the one before it, was changed or is missing"
        _check(body, expected, why)
        learned.journal_hash = digest
        learned.fences[entry.lane] = max(entry.fence, learned.fences.get(entry.lane, 0))
        self._note(entry)

    def _note(self, entry: JournalEntry) -> None:
        known = self._open.get(entry.intent)
        if known is None or entry.attempt >= known.attempt:
            if entry.state.is_open:
                self._open[entry.intent] = entry
            else:
                self._open.pop(entry.intent, None)
        outcomes = self._learned.outcomes
        if entry.plan == self._learned.begun and entry.attempt >= outcomes.get(entry.step, (0, entry.state))[0]:
            outcomes[entry.step] = (entry.attempt, entry.state)

    def _consumed(self, body: Mapping[str, Any]) -> None:
        _check_count(body["serial"])
        _check(body, {"kind": "consumed", "plan": _text(body["plan"]), "serial": body["serial"]})

    def _end(self, body: JsonObject) -> None:
        if body != self._sealer.end():
            raise ValueError("the records before it are not those that were exported")
        if {intent: attempt.entry for intent, attempt in self._said.items()} != self._open:
            raise ValueError("the open attempts are not those that the journal leaves open")


def _check(
    found: Mapping[str, Any], expected: JsonObject, why: str = "it holds what this version does not know"
) -> None:
    """A record must be what its meaning writes again, byte for byte: nothing is dropped on the way."""
    if canonical(dict(found)) != canonical(expected):
        raise ValueError(why)


def _check_count(found: Any) -> None:
    if type(found) is not int or not 0 <= found < 2**63:
        raise ValueError("a serial is no number")


def _text(found: Any) -> Json:
    if not isinstance(found, str):
        raise TypeError("a name is no text")
    return found
