"""A plan for the terminal: verdict, classes, what is left alone, requests, digest; readable at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconcile.model.plan import ChangeClass, Notice, Plan
from reconcile.report import outline
from reconcile.report.change_row import legend
from reconcile.report.class_rows import change_lines
from reconcile.report.diagnostics import diagnostic_lines
from reconcile.report.drift_facts import coverage_facts, drift_facts
from reconcile.report.foreseen import class_facts, foreseen
from reconcile.report.listings import listing_lines
from reconcile.report.messages import translate
from reconcile.report.models import model_lines
from reconcile.report.protection import allowed_lines
from reconcile.report.rollouts import rollout_lines
from reconcile.report.sanitise import inert
from reconcile.report.style import columns_of, pad, table
from reconcile.report.view import View, finish, moment


def plan_text(plan: Plan, *, lang: str = "en", color: bool = False, width: int = 80) -> str:
    """The whole plan; one line when there is nothing to do and nothing to say."""
    return finish(_lines(plan, View.of(lang, color=color, width=width)))


def unread_text(plan: Plan, *, lang: str = "en") -> str:
    """How many devices nothing is known of, and the first reason; for whoever reads no further."""
    texts = translate(lang)
    devices, reason = texts.count("device", len(plan.unknown)), texts.reason(plan.unknown[0].reason)
    return finish([texts("plan.unread", devices=devices, reason=reason)])


def _lines(plan: Plan, view: View) -> Iterator[str]:
    verdict = outline.verdict(plan, view.texts)
    yield from view.wrap(view.paint(verdict.role, verdict.sentence))
    is_quiet = plan.is_empty and not plan.diagnostics and not any(found for _, found in outline.notices_of(plan))
    coverage = list(coverage_facts(plan.coverage, view.texts))
    if is_quiet and not coverage:
        return
    yield from view.flow(outline.tallies(plan, view.texts), "  ")
    if coverage:
        yield from view.flow(coverage, "  ")
    yield from allowed_lines(plan, view)
    for diagnostic in plan.diagnostics:
        yield from ["", *diagnostic_lines(diagnostic, view)]
    yield from _classes(plan, view)
    yield from rollout_lines(plan, view)
    for kind, notices in outline.notices_of(plan):
        yield from notice_lines(kind, notices, view)
    yield from _requests(plan, view)
    yield from listing_lines(plan, view)
    yield from model_lines(plan, view)
    yield from _name(plan, view)


def _classes(plan: Plan, view: View) -> Iterator[str]:
    sending, recording = outline.split_classes(plan)
    for group in sending:
        yield from ["", *class_lines(group, view)]
    if recording:
        yield from view.title(view.texts("plan.recorded_only"))
        for group in recording:
            yield from class_lines(group, view)
    if marks := legend(plan.classes, view.texts):
        yield from ["", *view.flow([view.paint("dim", mark) for mark in marks], "  ")]


def class_lines(group: ChangeClass, view: View) -> Iterator[str]:
    """One class: its devices, then its changes."""
    devices = view.texts.count("device", group.devices)
    sample = outline.sample_text(group.devices, group.sample, view.texts)
    head = f"{view.paint('dim', inert(group.id))}  {view.paint('bold', devices)}"
    yield from _with_sample(head, sample, view, "    ")
    yield from change_lines(group.changes, view)
    facts = class_facts(group, view.texts)
    if facts:
        yield from view.flow([view.paint("dim", fact) for fact in facts], "    ")


def notice_lines(kind: str, notices: Sequence[Notice], view: View) -> Iterator[str]:
    """A section of notices, equal ones together; nothing when there are none."""
    if not notices:
        return
    yield from view.title(view.texts(f"plan.{kind}"))
    for group in outline.grouped(notices):
        yield from _notice(group, view)


def _notice(group: outline.NoticeGroup, view: View) -> Iterator[str]:
    devices = view.texts.count("device", group.devices)
    sample = outline.sample_text(group.devices, group.sample, view.texts)
    yield from _with_sample(f"  {view.paint('bold', devices)}", sample, view, "    ")
    if group.notice.resource is not None:
        cells = [inert(group.notice.resource), outline.group_sides(group, view.texts)]
        yield from table([cells], view.width, indent="    ")
    yield from view.wrap(view.paint("dim", view.texts.reason(group.notice.reason)), "    ")
    for fact in drift_facts(group.notice, view.texts):
        yield from view.wrap(fact, "    ")


def _with_sample(head: str, sample: str, view: View, hanging: str) -> list[str]:
    return view.wrap(sample, f"{head}  ", hanging)


def _requests(plan: Plan, view: View) -> Iterator[str]:
    rows = [
        [inert(platform), view.texts("list.and").join(f"{kind} {count:,}" for kind, count in kinds)]
        for platform, kinds in outline.requests_of(plan).items()
    ]
    if rows:
        yield from view.title(view.texts("plan.requests"))
        yield from table(rows, view.width, indent="  ")
        yield from view.wrap(outline.forecast(plan, view.texts), "  ")
        for sentence in foreseen(plan, view.texts):
            yield from view.wrap(sentence, "  ")


def _name(plan: Plan, view: View) -> Iterator[str]:
    named = {"digest": inert(plan.digest), "created": moment(plan.created), "expires": moment(plan.expires)}
    labels = {name: view.texts(f"plan.{name}") for name in named}
    size = max(map(columns_of, labels.values()))
    yield ""
    for name, value in named.items():
        yield f"{pad(labels[name], size)}  {value}"
