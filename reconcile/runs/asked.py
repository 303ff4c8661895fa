"""Devices that are asked about by name or by labels: while a fleet is loaded, they are not left out as settled."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reconcile.manifest.select import Selector
from reconcile.model.late import dataclass
from reconcile.model.recorded import HeadRow
from reconcile.model.settled import Key, SettledBlock

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Asked:
    """Names, each `platform/name` or a name, patterns allowed; or labels. With both, names tell those few enough."""

    names: Sequence[str]
    selector: Selector | None = None

    @property
    def labels(self) -> Selector | None:
        """What rows are judged by, where names do not tell."""
        return None if self.names else self.selector

    def among(self, heads: Iterable[HeadRow]) -> Iterator[HeadRow]:
        """The same heads, where those that are asked about have something on their way: so they are looked at."""
        if not self.names:
            yield from heads
            return
        is_asked = self._test()
        for head in heads:
            yield (*head[:4], True) if is_asked(head[0], head[1]) else head

    def known(self, blocks: Sequence[SettledBlock]) -> Sequence[SettledBlock]:
        """The same blocks, where nothing is known of those in which one may be whose name is asked about."""
        if not self.names:
            return blocks
        firsts = [*(block.first for block in blocks), None]
        known = [
            replace(block, digest=b"") if any(_may_lie(name, *ends) for name in self.names) else block
            for block, ends in zip(blocks, pairwise(firsts), strict=True)
        ]
        return known if any(block.digest for block in known) else ()

    def _test(self) -> Callable[[str, str], bool]:
        if not any(map(_WILD.search, self.names)):
            wanted = frozenset(self.names)
            last = {name[at + 1 :] for name in wanted for at in (-1, *_slashes(name))}
            return lambda platform, name: name in last and (name in wanted or f"{platform}/{name}" in wanted)
        matches = re.compile("|".join(fnmatch.translate(name) for name in self.names)).match
        return lambda platform, name: bool(matches(name) or matches(f"{platform}/{name}"))


def _slashes(name: str) -> list[int]:
    return [at for at, sign in enumerate(name) if sign == "/"]


def _may_lie(name: str, first: Key | None, until: Key | None) -> bool:
    """Whether a device of that name may be one from the first on and before the last, on any platform."""
    assert first is not None
    wild = _WILD.search(name)
    if wild is not None:
        return _may_begin(name[: wild.start()], first, until)
    keys = [(name[:at], name[at + 1 :]) for at in _slashes(name)]
    bare = first[0] == "" or until is None or first[0] != until[0] or first[1] <= name < until[1]
    return bare or any(first <= key and (until is None or key < until) for key in keys)


def _may_begin(text: str, first: Key, until: Key | None) -> bool:
    """Whether the name of a device from the first on and before the last may begin so, with its platform or without."""
    if until is None or first[0] != until[0]:
        return True
    platform = f"{first[0]}/"
    begins = [text, *([text[len(platform) :]] if text.startswith(platform) or platform.startswith(text) else [])]
    return any(first[1][: len(one)] <= one < until[1] for one in begins)
