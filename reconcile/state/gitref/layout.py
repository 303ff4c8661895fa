"""What a commit of the ref holds, beside the rows: how it hangs on the one before, and which files there are.

meta.json                       identity, serial, the journal's end, the seals
leases.jsonl  open.jsonl  consumed.jsonl  forecast.json
devices/PLATFORM/RANGE.jsonl    one line a device
journal/NNNN/NNN.jsonl          256 entries each, only the last file grows
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final

from reconcile.model.late import dataclass
from reconcile.model.values import Json
from reconcile.state.gitref.shards import Shards

META: Final = "meta.json"
FORMAT: Final = "reconcile-gitref/2"
READABLE: Final = ("reconcile-gitref/1", FORMAT)
"""Formats that are read; records of the first hold each resource by itself. The next commit has the newest."""

SEGMENT: Final = 256
"""Entries of the journal in one file."""

SEALS: Final = 64
WRITERS: Final = 16


@dataclass(frozen=True, slots=True)
class Layout:
    """One commit of the ref as we know it.

    `files` names contents by path. `moves` counts the ref's moves, `seals` tells what the last of them were, `writers`
    which number each of the last writers had reached, `depth` how many commits lie behind.
    """

    tip: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    shards: Shards = field(default_factory=Shards)
    seq: int = 0
    moves: int = 0
    depth: int = 0
    seals: tuple[str, ...] = ()
    writers: Mapping[str, int] = field(default_factory=dict)

    def next(self, files: Mapping[str, str], shards: Shards, seq: int, writer: tuple[str, int]) -> Layout:
        """The layout after one more move, sealed; `tip` and the file of this record itself are not in it yet."""
        others = {name: at for name, at in self.writers.items() if name != writer[0]}
        kept = dict([*others.items()][-(WRITERS - 1) :])
        seals = (*self.seals, seal(self.seals[-1] if self.seals else "", files))[-SEALS:]
        return replace(
            self,
            tip=None,
            files=files,
            shards=shards,
            seq=seq,
            moves=self.moves + 1,
            seals=seals,
            writers={**kept, writer[0]: writer[1]},
        )

    def chain_json(self) -> dict[str, Json]:
        """What `meta.json` says of it."""
        return {
            "moves": self.moves,
            "depth": self.depth,
            "seals": list(self.seals),
            "writers": [[name, number] for name, number in self.writers.items()],
        }


def seal(before: str, files: Mapping[str, str]) -> str:
    """Seals the files, but the one that holds the seal, on top of the seal before."""
    listing = "".join(f"{path}\0{name}\n" for path, name in sorted(files.items()) if path != META)
    return hashlib.sha256(f"{before}\n{listing}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def segment_path(seq: int) -> str:
    """The file of an entry of the journal, numbered from 1."""
    number = (seq - 1) // SEGMENT
    return f"journal/{number // 256:04}/{number % 256:03}.jsonl"
