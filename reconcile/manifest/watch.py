"""`refresh` and `drift` of the Fleet document: how much is looked at in one run, and when writing back stops."""

from __future__ import annotations

from datetime import timedelta

from reconcile.manifest.document import Document
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.manifest.resolve_delivery import duration_s
from reconcile.manifest.select import EVERYTHING, Selector, read_selector
from reconcile.model.drift import FlapRule
from reconcile.model.values import Json


def read_refresh(document: Document) -> RefreshRule:
    """`spec.refresh`, already valid against its schema."""
    body = _member(document, "refresh")
    budget = body.get("budget")
    return RefreshRule(budget if isinstance(budget, int) else None, tuple(_ages(body.get("maxAge"))))


def read_flap_rule(document: Document) -> FlapRule:
    """`spec.drift`, already valid against its schema."""
    body, default = _member(document, "drift"), FlapRule()
    rounds = body.get("quarantineAfter")
    return FlapRule(
        rounds if isinstance(rounds, int) else default.rounds,
        _duration(body.get("window"), default.window),
        _duration(body.get("rest"), default.rest),
    )


def _ages(written: Json) -> list[tuple[Selector, int]]:
    if isinstance(written, list):
        entries = [one for one in written if isinstance(one, dict)]
        return [(read_selector(one.get("selector")), duration_s(one.get("age")) or 0) for one in entries]
    seconds = duration_s(written)
    return [] if seconds is None else [(EVERYTHING, seconds)]


def _duration(written: Json, default: timedelta) -> timedelta:
    seconds = duration_s(written)
    return default if seconds is None else timedelta(seconds=seconds)


def _member(document: Document, name: str) -> dict[str, Json]:
    spec = document.body.get("spec")
    found = spec.get(name) if isinstance(spec, dict) else None
    return found if isinstance(found, dict) else {}
