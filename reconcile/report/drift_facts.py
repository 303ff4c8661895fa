"""What is said of drift beside its three values, and how much of the fleet was looked at: sentences for every form."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.plan import Notice
from reconcile.model.refresh import Coverage
from reconcile.report.messages import Texts
from reconcile.report.sanitise import inert
from reconcile.report.values import show
from reconcile.report.view import age, moment


def drift_facts(notice: Notice, texts: Texts) -> Iterator[str]:
    """Where git decides, what was tried before, when it is tried again, and how git takes the value over."""
    note = notice.drift
    if notice.conflict is not None and notice.conflict.policy in ("hold", "adopt"):
        yield _adopting(notice, texts)
    if note is None:
        return
    if note.declared_at:
        yield texts("drift.declared", place=inert(note.declared_at))
    if note.rounds:
        rounds = [f"{moment(one.at)} {show(one.seen, texts)}" for one in note.rounds]
        yield texts("drift.history", value=show(notice.desired, texts), rounds=texts("list.and").join(rounds))
    if note.until is not None:
        yield texts("drift.until", at=moment(note.until))
    if note.policy in ("adopt", "report", "quarantine") and notice.resource is not None:
        yield _adopting(notice, texts)


def _adopting(notice: Notice, texts: Texts) -> str:
    return texts("drift.adopt", command=f"reconcile adopt {inert(str(notice.device))} '{inert(notice.resource or '')}'")


def coverage_facts(coverage: Coverage | None, texts: Texts, *, is_always: bool = False) -> Iterator[str]:
    """How much was looked at; nothing when all of it was, unless `is_always`."""
    if coverage is None or not (is_always or coverage.looked < coverage.devices):
        return
    devices = texts.count("device", coverage.devices)
    yield texts("coverage.looked", looked=f"{coverage.looked:,}", devices=devices)
    if coverage.oldest_s is not None:
        yield texts("coverage.oldest", age=age(coverage.oldest_s, texts))
    for name in ("never", "fresh", "left", "unreadable", "silent"):
        if count := getattr(coverage, name):
            yield texts(f"coverage.{name}", n=f"{count:,}")
    if coverage.budget is not None:
        yield texts("coverage.calls", calls=f"{coverage.calls:,}", budget=f"{coverage.budget:,}")
