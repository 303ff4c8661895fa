"""What clouds listed, and how old it is: for whoever plans, and in the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from reconcile.model.fleet import TakenListing
from reconcile.model.plan import Plan
from reconcile.report.messages import Texts, translate
from reconcile.report.sanitise import inert
from reconcile.report.style import table
from reconcile.report.view import View, age, finish, moment, when


def listings_text(listings: Sequence[TakenListing], *, now: datetime, lang: str = "en") -> str:
    """A line for each listing; nothing without any."""
    texts = translate(lang)
    lines = []
    for one in listings:
        devices, since = texts.count("device", one.devices), when(texts, min(one.at, now), now)
        lines.append(texts("listing.told", platform=inert(one.platform), devices=devices, when=since))
    return finish(lines)


def listing_rows(plan: Plan, texts: Texts) -> list[tuple[str, str]]:
    """Each listing's platform, as it was written, and what is said of it; nothing when the inventory is files only."""
    rows = []
    for one in plan.base.listings:
        before = texts("listing.before", age=age((plan.created - one.at).total_seconds(), texts))
        devices = texts.count("device", one.devices)
        rows.append((one.platform, texts("listing.taken", devices=devices, at=moment(one.at), when=before)))
    return rows


def listing_lines(plan: Plan, view: View) -> Iterator[str]:
    """The section of a plan for the terminal."""
    rows = [[inert(platform), said] for platform, said in listing_rows(plan, view.texts)]
    if rows:
        yield from view.title(view.texts("listing.title"))
        yield from table(rows, view.width, indent="  ")
