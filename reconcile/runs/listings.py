"""Fills the entries of `inventory:` that clouds answer: from what is kept, or by asking.

| freshness | asks the cloud | without a kept listing |
| --- | --- | --- |
| ALWAYS | always | error |
| WHEN_OLD | when none is kept, or it is older than `maxAge` | error |
| NEVER | never | error |
| IF_KEPT | never | warning: the run does without these devices |

A failed fetch falls back on what is kept, with a warning. What came in part, or came empty where there were devices, is
a failed fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.manifest.inventory_sealed import render
from reconcile.manifest.layer_codes import EMPTY_LISTING, NO_LISTING, NOT_FETCHED, OLD_LISTING
from reconcile.model.diagnostic import Diagnostic, Severity
from reconcile.model.fleet import StateConfig, TakenListing
from reconcile.model.late import dataclass
from reconcile.ports import NamedBytes, PlatformConfig
from reconcile.runs.listing_shelf import Kept, Shelf, name_of

if TYPE_CHECKING:
    from reconcile.runs.listing_fetch import Answer

_AHEAD = timedelta(minutes=5)
"""A listing from the future would never grow old; this much is a clock that is a little off."""


class Freshness(StrEnum):
    """How new a listing must be: see the table above."""

    ALWAYS = "always"
    WHEN_OLD = "when-old"
    NEVER = "never"
    IF_KEPT = "if-kept"

    @classmethod
    def of_refresh(cls, refresh: str) -> Freshness:
        """What a plan with that `--refresh` needs: none | changed | all."""
        return {"none": cls.NEVER, "changed": cls.WHEN_OLD, "all": cls.ALWAYS}[refresh]


@dataclass(frozen=True, slots=True)
class Filled:
    """An entry with what its cloud answered, or why it has nothing."""

    entry: ListedInventory
    file: NamedBytes | None = None
    taken: TakenListing | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Listings:
    """How a run comes by listings. `ask` sends; `shelf` says where they are kept for a fleet's state."""

    freshness: Freshness
    shelf: Callable[[StateConfig], Shelf]
    ask: Callable[[Sequence[ListedInventory], Mapping[str, PlatformConfig]], Sequence[Answer]]
    endpoints: Mapping[str, str]
    now: Callable[[], datetime]

    def fill(
        self,
        entries: Sequence[ListedInventory],
        configs: Mapping[str, PlatformConfig],
        state: StateConfig,
        *,
        may_ask: bool = True,
    ) -> list[Filled]:
        """Each entry, filled. `may_ask` is False while the manifests have errors: nothing is asked for these."""
        shelf, now = self.shelf(state), self.now()
        names = [name_of(e, configs[e.listing.platform], self.endpoints.get(e.listing.platform)) for e in entries]
        kept = [shelf.find(name) for name in names]
        wanted = [i for i, entry in enumerate(entries) if may_ask and self._is_wanted(entry, kept[i], now)]
        asked = dict(zip(wanted, self.ask([entries[i] for i in wanted], configs), strict=True)) if wanted else {}
        if asked:
            shelf.clear(names, now)
        return [
            self._answered(shelf, name, entry, kept[i], asked[i])
            if i in asked
            else self._as_kept(entry, kept[i], now, is_silent=not may_ask)
            for i, (name, entry) in enumerate(zip(names, entries, strict=True))
        ]

    def _is_wanted(self, entry: ListedInventory, kept: Kept | str, now: datetime) -> bool:
        match self.freshness:
            case Freshness.ALWAYS:
                return True
            case Freshness.WHEN_OLD:
                return isinstance(kept, str) or _is_old(entry, kept, now)
            case _:
                return False

    def _answered(self, shelf: Shelf, name: str, entry: ListedInventory, kept: Kept | str, answer: Answer) -> Filled:
        if not isinstance(answer, str) and not answer and isinstance(kept, Kept) and kept.heading.devices:
            answer = (
                f"the cloud names no device, where it named {kept.heading.devices:,} before. If they are gone, "
                f"delete {kept.file.name} beside the state"
            )
        if not isinstance(answer, str):
            found = shelf.put(name, render(entry.listing, answer, self.now()))
            empty = "Check products and tags, and what the account's keys may list"
            told = () if answer else (EMPTY_LISTING.at(entry.span, f"{entry.title}. {empty}"),)
            return _filled(entry, found, told)
        if isinstance(kept, str):
            advice = "Nothing is kept to fall back on; correct this and run again"
            return Filled(entry, diagnostics=(NOT_FETCHED.at(entry.span, f"{entry.title}: {answer}. {advice}"),))
        instead = f"Used instead is the one taken {_moment(kept)}, {_age(self.now() - kept.heading.taken)} ago"
        told = (_warning(NOT_FETCHED.at(entry.span, f"{entry.title}: {answer}. {instead}")),)
        return _filled(entry, kept, told)

    def _as_kept(self, entry: ListedInventory, kept: Kept | str, now: datetime, *, is_silent: bool) -> Filled:
        if isinstance(kept, str):
            return _missing(entry, kept, is_silent=is_silent or self.freshness is Freshness.IF_KEPT)
        if not _is_old(entry, kept, now):
            return _filled(entry, kept, ())
        limit = f"maxAge is {_age(timedelta(seconds=entry.max_age_s))}. `reconcile plan` asks the cloud again"
        detail = f"{entry.title}: taken {_moment(kept)}, {_age(now - kept.heading.taken)} ago; {limit}"
        return _filled(entry, kept, (OLD_LISTING.at(entry.span, detail),))


def unfilled(entries: Sequence[ListedInventory], *, is_silent: bool) -> list[Filled]:
    """What is said where listings are neither kept nor asked for; `is_silent` where errors stand in the way first."""
    return [_missing(entry, "it was never fetched", is_silent=is_silent) for entry in entries]


def _missing(entry: ListedInventory, why: str, *, is_silent: bool = False) -> Filled:
    advice = "`reconcile plan` asks the cloud when the manifests have no error"
    missing = NO_LISTING.at(entry.span, f"{entry.title}: {why}. {advice}")
    return Filled(entry, diagnostics=(_warning(missing) if is_silent else missing,))


def _filled(entry: ListedInventory, kept: Kept, told: tuple[Diagnostic, ...]) -> Filled:
    head = kept.heading
    taken = TakenListing(entry.listing.platform, kept.file.name, head.taken, head.devices, f"sha256:{head.stable}")
    return Filled(entry, kept.file, taken, told)


def _is_old(entry: ListedInventory, kept: Kept, now: datetime) -> bool:
    age = now - kept.heading.taken
    return age > timedelta(seconds=entry.max_age_s) or age < -_AHEAD


def _warning(diagnostic: Diagnostic) -> Diagnostic:
    return replace(diagnostic, severity=Severity.WARNING)


def _moment(kept: Kept) -> str:
    return kept.heading.taken.strftime("%Y-%m-%d %H:%M:%S UTC")


def _age(age: timedelta) -> str:
    """`45s`, `3m`, `5h 1m`, `2d 4h`."""
    seconds = max(0, int(age.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days}d {hours % 24}h" if hours % 24 else f"{days}d"
    if hours:
        return f"{hours}h {minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{minutes}m" if minutes else f"{seconds}s"
