"""The import run: choose, read, factor, write beside, prove, move into place, record.

The folder appears whole or not at all. What was read is kept in notes beside it until then, so the same command goes on
where it was interrupted.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from reconcile.manifest.parse import parse
from reconcile.manifest.resolve_reading import Reading as LabelReading
from reconcile.model.desired import Ownership
from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.values import JsonObject
from reconcile.ports import Dialect, TypedValue
from reconcile.runs.adoption.choose import Choice
from reconcile.runs.adoption.columns import Fits
from reconcile.runs.adoption.device_models import FOLDER, Fetched, declared_models
from reconcile.runs.adoption.family import Family, families_of
from reconcile.runs.adoption.gather import Asked, gather
from reconcile.runs.adoption.layout import Written, fleet_file, inventory_names, write
from reconcile.runs.adoption.left_out import LEFT_OUT, left_out_file
from reconcile.runs.adoption.notes import Notes
from reconcile.runs.adoption.prove import Proof, prove
from reconcile.runs.adoption.read import Budget
from reconcile.runs.adoption.subject import Origin, Stated, Subject
from reconcile.runs.load import load
from reconcile.runs.session import Session
from reconcile.runs.shipped import schemas
from reconcile.runs.source import FolderSource


def _no_progress(_done: int, _total: int) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to import and where to. `reads` is the budget of calls to devices themselves."""

    folder: Path
    choice: Choice
    reads: int = 1000
    is_partial: bool = False
    is_recorded: bool = False
    progress: Callable[[int, int], None] = field(default=_no_progress)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `written` is None when it stopped before writing: something could not be read yet."""

    folder: Path
    subjects: Sequence[Subject]
    reads: int
    written: Written | None = None
    plan: Plan | None = None
    proof: Proof | None = None
    fetched: Fetched = field(default_factory=Fetched)

    @property
    def unread(self) -> list[Subject]:
        """Devices of which nothing could be read, or not all within the budget."""
        return [one for one in self.subjects if one.problem is not None or one.is_unfinished]


def run_import(session: Session, wish: Wish) -> Imported:
    """Reads, writes and proves. Raises: ReconcileError, InputRejectedError, OSError."""
    check_folder(wish.folder)
    notes = Notes.beside(wish.folder)
    budget = Budget(wish.reads)
    try:
        subjects, fetched = asyncio.run(gather(session, Asked(wish.choice, notes, budget, wish.progress)))
    finally:
        notes.close()
    seen = Imported(wish.folder, subjects, budget.used, fetched=fetched)
    if (seen.unread and not wish.is_partial) or all(one.problem for one in subjects):
        return seen
    imported = _write(session, wish, seen)
    notes.remove()
    return imported


def check_folder(folder: Path) -> None:
    """Raises: ReconcileError where something lies already."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ReconcileError(f"--out {folder}: found something that is no folder. Name a new one.", code="RCL460")
    if folder.is_dir() and any(folder.iterdir()):
        advice = "Name a new one, compare the two, and move over what you want"
        raise ReconcileError(f"--out {folder}: the folder is not empty. {advice}.", code="RCL460")


def _write(session: Session, wish: Wish, seen: Imported) -> Imported:
    subjects = [one for one in seen.subjects if one.problem is None]
    dialects = {name: session.dialect(name) for name in session.fleet.platforms}
    stated = [(one, _stated(one, is_recorded=wish.is_recorded)) for one in subjects]
    wanted = {one.chosen.ref: values for one, values in stated}
    written = write(
        _families(subjects, dialects),
        lambda one: wanted[one.chosen.ref],
        lambda family: _fits(session, dialects, family),
    )
    written = replace(written, files={**written.files, **_others(session, written, seen.fetched)})
    if left := left_out_file(seen.subjects):
        written = replace(written, files={**written.files, LEFT_OUT: left})
    beside = wish.folder.parent / f".{wish.folder.name}.import-{os.getpid()}"
    try:
        _put(beside, written.files)
        fleet = load(FolderSource(beside), now=session.options.now())
        proof = prove(fleet, dialects, stated, session.options.now(), is_recorded=wish.is_recorded)
        _refuse_unproven(proof)
        if wish.folder.is_dir():
            wish.folder.rmdir()
        beside.rename(wish.folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return replace(seen, written=written, plan=proof.plan, proof=proof)


def _refuse_unproven(proof: Proof) -> None:
    """Raises: ReconcileError unless the files say just what was read, and a plan would send nothing."""
    if proof.faults:
        shown = "; ".join(proof.faults[:3])
        detail = f"{len(proof.faults)} faults, of which: {shown}"
        raise ReconcileError(f"The files do not say what was read, so none was kept: {detail}", code="RCL462")
    if proof.plan.steps() or proof.plan.conflicts:
        count = len(proof.plan.steps())
        raise ReconcileError(f"The plan after it would send {count} requests, so no file was kept.", code="RCL462")


def _stated(subject: Subject, *, is_recorded: bool) -> dict[str, Stated]:
    """What manifests say: enforced what the next plan finds in place, watched what it could not find there.

    Texts that no file can hold move to what is left out.
    """
    found: dict[str, Stated] = {}
    for path, reading in subject.readings.items():
        is_enforced = is_recorded or reading.origin is Origin.CLOUD
        try:
            found[path] = Stated.of(reading, Ownership.ENFORCE if is_enforced else Ownership.OBSERVE)
        except ValueError as exc:
            subject.left[path] = str(exc)
    return found


def _families(subjects: Sequence[Subject], dialects: Mapping[str, Dialect]) -> list[Family]:
    keys = [dialects[one.chosen.ref.platform].model_key(one.chosen.identity) for one in subjects]
    kinds = {
        (one.chosen.ref.platform, key): dialects[one.chosen.ref.platform].capabilities(key).section
        for one, key in zip(subjects, keys, strict=True)
    }
    return families_of(subjects, kinds, keys)


def _fits(session: Session, dialects: Mapping[str, Dialect], family: Family) -> Fits:
    """Whether a cell, as a label, comes to the value on a device of that family; asked once for equal values."""
    models = session.fleet.models[session.fleet.platforms[family.platform].type]
    known: dict[object, bool] = {}

    def fits(_number: int, path: str, cell: str, stated: Stated) -> bool:
        key = path, cell, stated.key
        if key not in known:
            reading = LabelReading(dialects[family.platform], models, family.model_key, {"cell": cell}, "device")
            found = reading.value(path, "${label:cell}", stated.reading.written_type)
            known[key] = found == TypedValue(stated.reading.value, stated.reading.value_type)
        return known[key]

    return fits


def _others(session: Session, written: Written, fetched: Fetched) -> dict[str, bytes]:
    """The Fleet document and the device models: those it has, and those that were fetched."""
    files, _ = session.source.manifests()
    documents, _ = parse(files, schemas())
    body: JsonObject = next(one.body for one in documents if one.kind == "Fleet")
    paths, models = declared_models(session)
    if fetched.files and not any(path.rstrip("/") == FOLDER.rstrip("/") for path in paths):
        paths.append(FOLDER)
    models |= fetched.files
    return {"fleet.yaml": fleet_file(body, inventory_names(written), paths if models else ()), **models}


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
