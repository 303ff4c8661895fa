"""What the cells of a CSV inventory say to the screen: identities, and the labels that selectors mention."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from operator import itemgetter

from reconcile.manifest.inventory_csv import Columns, columns_of, rows_of
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.match import Matcher, Table
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.model.device import Identity
from reconcile.model.late import dataclass
from reconcile.model.settled import Key
from reconcile.ports import Dialect

PRODUCTS = ("productKey", "productId")
"""Fields that thousands of identities share; what model a device is depends on nothing else of its identity."""


class Objections(dict[str, int]):
    """Cell of a label's column -> the profiles that do not object to it, as bits; worked out once per cell."""

    __slots__ = ("_table",)

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, cell: str) -> int:
        """An empty cell is no label."""
        bits = self[cell] = ~self._table.objections(cell or None)
        return bits


@dataclass(slots=True)
class Group:
    """Rows of one platform and product whose identities differ in one cell.

    The recorded text of an identity is `before`, the cell `at`, `after`; `empty`: columns that these rows leave empty.
    `digests`: what rows come to, by the profiles that cover them. `first` and `last`: the lowest and
    highest cells so far.
    """

    platform: str
    identity: Identity
    before: str
    at: int
    after: str
    empty: tuple[int, ...]
    digests: dict[int, str | None] = field(default_factory=dict)
    first: str = ""
    last: str = ""


def group_of(row: Row, columns: Columns, dialect: Dialect | None) -> Group | None:
    """The group of a row; None when its identity is not what its cells say word by word, or is none.

    What an identity has beyond the cells of its own columns is the name of the device.
    """
    identity = None if dialect is None else dialect.read_identity(row.fields, row.name)
    if not isinstance(identity, Identity) or any(identity.get(name) != cell for name, cell in row.fields.items()):
        return None
    own = [name for name, _ in identity.fields if name not in PRODUCTS]
    if len(own) != 1:
        return None
    number = next(number for number, (name, _) in enumerate(identity.fields) if name == own[0])
    before, after = Identity(identity.fields[:number]), Identity(identity.fields[number + 1 :])
    return Group(
        platform=row.platform,
        identity=identity,
        before=f"{before}{',' if before.fields else ''}{own[0]}=",
        at=dict(columns.identity)[own[0]] if own[0] in row.fields else columns.name,
        after=f"{',' if after.fields else ''}{after}",
        empty=tuple(index for name, index in columns.identity if name not in row.fields),
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which profiles cover a row: `bits` where labels have no column, and the columns of those that have one."""

    bits: int
    columns: Sequence[tuple[Objections, int]]

    @classmethod
    def of(cls, columns: Columns, all_bits: int, known: Mapping[str, Objections]) -> Coverage:
        """How it is found in these columns. `known`: what is known so far of each label that selectors mention."""
        at, bits = dict(columns.label_columns), all_bits
        for key, objections in known.items():
            if key not in at:
                bits &= objections[""]
        return cls(bits, [(objections, at[key]) for key, objections in known.items() if key in at])

    def of_row(self, cells: Sequence[str]) -> int:
        """The profiles that cover the row of these cells, as bits."""
        bits = self.bits
        for objections, at in self.columns:
            bits &= objections[cells[at]]
        return bits


@dataclass(frozen=True, slots=True)
class Sheet:
    """One inventory: its columns, which of them selectors mention, and the groups of its rows met so far."""

    file: str
    header: str
    columns: Columns
    platform_at: int
    key_of: Callable[[Sequence[str]], object]
    coverage: Coverage
    groups: dict[object, Group | None] = field(default_factory=dict)

    @classmethod
    def of(cls, file: str, header: str, matcher: Matcher, known: Mapping[str, Objections]) -> Sheet:
        """The inventory of that first line. Raises: NotScreenedError for one that is wrong, or names no platform."""
        columns = columns_of(file, (1, header.split(",")), Tally())
        if columns is None or columns.platform is None:
            raise NotScreenedError
        key_of = itemgetter(columns.platform, *(at for name, at in columns.identity if name in PRODUCTS))
        return cls(file, header, columns, columns.platform, key_of, Coverage.of(columns, matcher.all_bits, known))

    def row(self, number: int, cells: list[str]) -> Row:
        """A record as a row. Raises: NotScreenedError for one that is wrong."""
        row = next(rows_of(self.file, self.columns, [(number, cells)], Tally()), None)
        if row is None:
            raise NotScreenedError
        return row

    def key_of_line(self, line: str) -> Key:
        """The device of a line. Raises: NotScreenedError for one that has other cells than its header."""
        cells = line.rstrip("\r").split(",")
        if len(cells) != self.columns.width:
            raise NotScreenedError
        return cells[self.platform_at], cells[self.columns.name]
