"""What is left to compile of a fleet once its settled rows are out: rows, and the documents of their devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reconcile.manifest.compile_layers import Compilation
from reconcile.manifest.document import DesiredDevice, Document
from reconcile.manifest.inventory_row import IDENTITY_FIELDS, Row
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.sealed import Sealed
from reconcile.manifest.settled.rows import SettledRows
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.model.recorded import HeadRow
from reconcile.ports import NamedBytes


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows by inventory with what was told about it, and the documents that were sealed until their rows were kept."""

    rows: SettledRows
    kept: Sequence[tuple[str, Sequence[Row], Tally]]
    opened: Sequence[Document] = ()

    def note(self, sealed: Sealed | None, desired: Sequence[DesiredDevice], compilation: Compilation) -> None:
        """Keeps what devices with documents of their own came to, for the next run."""
        lines = self.rows.lines
        for one in desired if sealed is not None and lines else ():
            ref = one.device.ref
            line = lines.get((ref.platform, ref.name))
            if line is not None and sealed is not None and compilation.is_plain(one.device):
                sealed.note(ref, *line, one.document.digest)


def sift(
    inventories: Sequence[NamedBytes],
    recorded: Callable[[], Iterator[HeadRow]],
    compilation: Compilation,
    documents: Sequence[Document],
    sealed: Sealed | None,
    *,
    remembers: bool,
) -> Sifted:
    """Takes settled rows out. `documents`: those of single devices that are not sealed. Raises: NotScreenedError,
    OutOfOrderError.
    """
    documented = {document.name for document in documents} | (set() if sealed is None else sealed.texts.keys())
    remembers = remembers or any(map(_says_identity, documents))
    rows = SettledRows(recorded(), compilation, sealed, documented=documented, remembers=remembers)
    kept: list[tuple[str, Sequence[Row], Tally]] = []
    for file in inventories:
        tally = Tally()
        kept.append((file.name, list(rows.rows(file, tally)), tally))
    if sealed is None:
        return Sifted(rows, kept)
    if rows.met < len(sealed):  # the document of a device that no inventory lists
        raise NotScreenedError
    return Sifted(
        rows, kept, sealed.opens({row.name for _, some, _ in kept for row in some if row.name in sealed.texts})
    )


def _says_identity(document: Document) -> bool:
    """Whether a document says what its device is called on the wire, beside its row."""
    spec = document.body.get("spec")
    return isinstance(spec, dict) and any(name in spec for name in IDENTITY_FIELDS)
