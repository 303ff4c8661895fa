"""The files of an imported fleet: fleet.yaml, models, and for each family profiles, an inventory and exceptions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from reconcile.manifest.edit_spell import block, spell, spell_text
from reconcile.manifest.inventory_row import IDENTITY_FIELDS
from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.runs.adoption.columns import Column, Fits, columns_of
from reconcile.runs.adoption.factor import Row, Rule, exceptions, factor, said_of
from reconcile.runs.adoption.family import Family, apart
from reconcile.runs.adoption.subject import Stated, Subject

_API = "apiVersion: reconcile/v1\n"
_NOT_LABELS = frozenset({"name", "platform", *IDENTITY_FIELDS})
_FILE_BYTES = 400_000
_FILE_DEVICES = 4_000
_STEP = 10

States = Callable[[Subject], Mapping[str, Stated]]
"""What manifests are to say of a device, by path."""


@dataclass(frozen=True, slots=True)
class Written:
    """Files by name, and what they amount to."""

    files: Mapping[str, bytes]
    profiles: int = 0
    columns: int = 0
    exceptions: int = 0
    documents: int = 0
    values: int = 0

    @property
    def bytes(self) -> int:
        """All of it, models included."""
        return sum(map(len, self.files.values()))


@dataclass(slots=True)
class _Tally:
    files: dict[str, bytes] = field(default_factory=dict)
    profiles: int = 0
    columns: int = 0
    exceptions: int = 0
    documents: int = 0
    values: int = 0
    labels: set[str] = field(default_factory=set)


def write(families: Sequence[Family], states: States, fits: Callable[[Family], Fits]) -> Written:
    """Profiles, inventories and exceptions of all families. The Fleet document and the models are added by others."""
    tally = _Tally(labels={label for one in families for s in one.subjects for label in s.chosen.labels})
    for family in families:
        _family(family, families, states, fits(family), tally)
    return Written(tally.files, tally.profiles, tally.columns, tally.exceptions, tally.documents, tally.values)


def fleet_file(body: JsonObject, inventories: Sequence[str], models: Sequence[str]) -> bytes:
    """The Fleet document over what was imported: another's, with these inventories and models."""
    spec = body.get("spec")
    kept: JsonObject = (
        {k: v for k, v in spec.items() if k not in ("inventory", "models")} if isinstance(spec, dict) else {}
    )
    if models:
        kept["models"] = list(models)
    if inventories:
        kept["inventory"] = list(inventories)
    return block({**body, "spec": kept}).encode()


def inventory_names(written: Written) -> list[str]:
    """The inventories among the files."""
    return sorted(name for name in written.files if name.endswith(".csv"))


def _family(family: Family, families: Sequence[Family], states: States, fits: Fits, tally: _Tally) -> None:
    stated = [states(subject) for subject in family.subjects]
    rows = [
        Row(subject.chosen.labels, {path: one.text for path, one in values.items()})
        for subject, values in zip(family.subjects, stated, strict=True)
    ]
    rules = factor(rows)
    own = [_own(row, values, rules) for row, values in zip(rows, stated, strict=True)]
    columns, left = columns_of(own, frozenset(tally.labels), fits)
    tally.labels |= {column.label for column in columns}
    needs_mark = _profiles(family, families, rules, columns, tally)
    tally.files[f"inventory/{family.name}.csv"] = _inventory(family, columns, needs_mark=needs_mark)
    _documents(family, left, tally)
    tally.columns += len(columns)
    tally.values += sum(map(len, stated))
    tally.exceptions += sum(map(len, own))


def _own(row: Row, stated: Mapping[str, Stated], rules: Sequence[Rule]) -> dict[str, Stated | None]:
    return {path: stated.get(path) for path in exceptions(said_of(rules, row.labels), row.values)}


def _profiles(
    family: Family, families: Sequence[Family], rules: Sequence[Rule], columns: Sequence[Column], tally: _Tally
) -> bool:
    """Writes the profiles; True when one of them needs the family's new label."""
    parts, needs_mark, priority = [], False, 0
    for number, rule in enumerate(rules):
        conditions = apart(family, families, rule.conditions)
        needs_mark = needs_mark or (family.is_new and family.mark in conditions)
        selector: Json = {"matchLabels": dict(conditions)} if conditions else {}
        priority += _STEP
        name = f"{family.name}-{number:02}"
        parts.append(_profile(name, selector, priority, family.section, rule.entries))
    for column in columns:
        priority += _STEP
        exists: Json = {"matchExpressions": [{"key": column.label, "operator": "Exists"}]}
        parts.append(
            _profile(f"{family.name}-{column.label}", exists, priority, family.section, {column.path: column.entry})
        )
    if parts:
        tally.files[f"profiles/{family.name}.yaml"] = "---\n".join(parts).encode()
        tally.profiles += len(parts)
    return needs_mark


def _profile(name: str, selector: Json, priority: int, section: str, entries: Mapping[str, str]) -> str:
    lines = "".join(f"    {spell_text(path)}: {entries[path]}\n" for path in sorted(entries))
    return (
        f"{_API}kind: Profile\nmetadata: {{name: {spell_text(name)}}}\nspec:\n  selector: {spell(selector)}\n"
        f"  priority: {priority}\n  {section}:\n{lines}"
    )


def _inventory(family: Family, columns: Sequence[Column], *, needs_mark: bool) -> bytes:
    subjects = [one.chosen for one in family.subjects]
    identity = [name for name in IDENTITY_FIELDS if any(one.identity.get(name) for one in subjects)]
    labels = sorted({label for one in subjects for label in one.labels} - _NOT_LABELS)
    mark = [family.mark] if needs_mark and family.mark is not None else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "platform", *identity, *labels, *(key for key, _ in mark), *(c.label for c in columns)])
    for number, one in enumerate(subjects):
        cells = [one.ref.name, one.ref.platform, *(one.identity.get(name) or "" for name in identity)]
        cells += [one.labels.get(label, "") for label in labels]
        cells += [value for _, value in mark]
        writer.writerow([*cells, *(column.cells.get(number, "") for column in columns)])
    return text.getvalue().encode()


def _documents(family: Family, left: Sequence[Mapping[str, Stated | None]], tally: _Tally) -> None:
    documents = [
        _device(one.chosen.ref, family.section, own) for one, own in zip(family.subjects, left, strict=True) if own
    ]
    tally.documents += len(documents)
    for number, chunk in enumerate(_chunks(documents)):
        tally.files[f"devices/{family.name}-{number:03}.yaml"] = "---\n".join(chunk).encode()


def _device(ref: DeviceRef, section: str, own: Mapping[str, Stated | None]) -> str:
    lines = ""
    for path in sorted(own):
        stated = own[path]
        lines += f"    {spell_text(path)}: {'{mode: ignore}' if stated is None else stated.text}\n"
    spec = f"spec:\n  platform: {spell_text(ref.platform)}\n  {section}:\n"
    return f"{_API}kind: Device\nmetadata: {{name: {spell_text(ref.name)}}}\n{spec}{lines}"


def _chunks(documents: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for document in documents:
        if chunk and (size + len(document) > _FILE_BYTES or len(chunk) >= _FILE_DEVICES):
            yield chunk
            chunk, size = [], 0
        chunk.append(document)
        size += len(document.encode())
    if chunk:
        yield chunk
