"""What is left to compile of a fleet once its settled rows are out: rows, and the documents of their devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from reconcile.manifest.compile_layers import Compilation
from reconcile.manifest.compile_register import Register
from reconcile.manifest.document import DesiredDevice, Document
from reconcile.manifest.inventory_row import IDENTITY_FIELDS, Row
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.sealed import Sealed
from reconcile.manifest.select import Selector
from reconcile.manifest.settled.cells import opened
from reconcile.manifest.settled.inventories import Inventories
from reconcile.manifest.settled.rows import SettledRows
from reconcile.manifest.settled.screened import NotScreenedError, OutOfOrderError, Screening
from reconcile.manifest.settled.sought import SoughtRows
from reconcile.model.device import Device
from reconcile.model.late import dataclass
from reconcile.ports import NamedContent, RecordedFleet


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows by inventory with what was told about it, and the documents that were sealed until their rows were kept."""

    rows: SettledRows
    inventories: Inventories
    kept: Sequence[tuple[str, Sequence[Row], Tally]]
    opened: Sequence[Document] = ()

    def close(self, registers: Mapping[str, Register]) -> None:
        """Takes in what is left. Raises: NotScreenedError when two devices may have one identity."""
        self.inventories.close(registers)

    def unsettled(
        self, devices: Iterable[Device], compilation: Compilation, sealed: Sealed | None
    ) -> list[DesiredDevice]:
        """The devices, compiled, but for those that prove to be settled as recorded. What devices with documents of
        their own came to is kept for the next run.
        """
        heads = {(head.ref.platform, head.ref.name): head for head in self.rows.others}
        found: list[DesiredDevice] = []
        for device in devices:
            key = device.ref.platform, device.ref.name
            alike, one = compilation.digest_alike(device), None
            if alike is None:
                one = compilation.desired(device)
                covering = compilation.plainly_covering(one)
                alike = None if covering is None else (one.document.digest, covering)
            line = self.rows.lines.get(key)
            if line is not None and alike is not None and sealed is not None:
                sealed.note(device.ref, line, *alike)
            head = heads.get(key)
            is_same = head is not None and not head.is_waiting and alike is not None and head.digest == alike[0]
            if head is None or not is_same or head.identity != str(device.identity) or compilation.is_asked(device):
                found.append(one or compilation.desired(device))
            else:
                del heads[key]
        self.rows.left_out += len(self.rows.others) - len(heads)
        self.rows.others = list(heads.values())
        return found


@dataclass(frozen=True, slots=True)
class Sieve:
    """What rows are sifted by. `documents`: those of single devices that are not sealed. `asked`: labels of devices
    that this run is about.
    """

    compilation: Compilation
    documents: Sequence[Document]
    sealed: Sealed | None
    asked: Selector | None = None

    def sift(self, files: Sequence[NamedContent], recorded: RecordedFleet, screening: Screening) -> Sifted:
        """Takes settled rows out. Raises: NotScreenedError, OutOfOrderError."""
        compilation, documents, sealed = self.compilation, self.documents, self.sealed
        documented = {document.name for document in documents} | (set() if sealed is None else sealed.texts.keys())
        documented |= compilation.named
        known = recorded.settled_blocks() if screening is Screening.BLOCKS else ()
        # Beside known blocks every identity on record is there once, whatever their order.
        remembers = bool(known) or screening in (Screening.NOTHING, Screening.SORTED)
        if not remembers and any(map(_says_identity, documents)):
            raise OutOfOrderError
        files = [opened(file) for file in files]
        rows = SettledRows(compilation, sealed, documented, remembers=remembers)
        titles, labels = (recorded.moved(), self.asked) if known else (frozenset[str](), None)
        sought = SoughtRows(compilation, rows, documents, titles, labels)
        inventories = Inventories(rows, recorded, known, sought)
        inventories.check(files, is_sorted=screening is not Screening.SORTED)
        kept: list[tuple[str, Sequence[Row], Tally]] = []
        done, size = 0, sum(len(file.content) for file in files)
        for file in files:
            tally = Tally()
            inventories.progress = partial(_tell, recorded, done, size)
            kept.append((file.name, list(inventories.rows(file, tally)), tally))
            done += len(file.content)
        compilation.matched |= rows.covered
        if sealed is None:
            return Sifted(rows, inventories, kept)
        sealed.skips = inventories.is_partial
        if rows.met < len(sealed):  # the document of a device that no inventory lists
            raise NotScreenedError
        names = {row.name for _, some, _ in kept for row in some}
        return Sifted(rows, inventories, kept, sealed.opens(names & sealed.texts.keys()))


def _tell(recorded: RecordedFleet, before: int, size: int, at: int) -> None:
    recorded.has_read(before + at, size)


def _says_identity(document: Document) -> bool:
    """Whether a document says what its device is called on the wire, beside its row."""
    spec = document.body.get("spec")
    return isinstance(spec, dict) and any(name in spec for name in IDENTITY_FIELDS)
