"""A plan for a pull request: verdict, what is left alone, a table of classes, the details folded.

Premise: hosts refuse a comment that is too long, and a comment that is not posted is not reviewed. Rule: the text is
composed to a number of bytes, rows are left out from the middle (the largest classes and the odd ones out stay) and
counted. Foreign text stands in code spans and fenced blocks only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reconcile.model.plan import Change, ChangeClass, Plan
from reconcile.report import outline
from reconcile.report.change_row import legend
from reconcile.report.change_row import row as row_of
from reconcile.report.diagnostics import diagnostic_lines
from reconcile.report.drift_facts import coverage_facts, drift_facts
from reconcile.report.foreseen import foreseen
from reconcile.report.listings import listing_rows
from reconcile.report.messages import Texts, translate
from reconcile.report.models import model_entries
from reconcile.report.protection import allowed_entries
from reconcile.report.rollouts import rollout_markdown
from reconcile.report.sanitise import guarded, markdown_code
from reconcile.report.text import class_lines
from reconcile.report.view import View, finish, moment

LIMIT_BYTES = 60_000
"""GitHub takes 65,536 characters; the rest is for what a caller puts around."""

_CAPS = (400, 100, 40, 16, 6, 2, 0)
_CHANGES_SHOWN = 12
_DETAIL_LIMIT = 1000
_FOLD_WIDTH = 100


def plan_markdown(plan: Plan, *, lang: str = "en", limit_bytes: int = LIMIT_BYTES) -> str:
    """The plan as markdown of at most `limit_bytes`, as long as the fixed parts fit."""
    texts = translate(lang)
    text = ""
    for cap in _CAPS:
        text = finish(_lines(plan, texts, cap))
        if len(text.encode("utf-8", "surrogatepass")) <= limit_bytes:
            break
    return text


def _lines(plan: Plan, texts: Texts, cap: int) -> Iterator[str]:
    yield f"### {outline.verdict(plan, texts).sentence}"
    yield from ["", outline.totals(plan, texts)]
    if coverage := list(coverage_facts(plan.coverage, texts)):
        yield from ["", " · ".join(coverage)]
    if plan.protected:
        entries = allowed_entries(plan, texts, markdown_code)
        yield from ["", f"#### ⚠ {texts('plan.protected')}", "", *(f"- {entry}" for entry in entries)]
    yield from _problems(plan, texts, cap)
    for kind, notices in outline.notices_of(plan):
        groups = outline.grouped(notices)
        if groups:
            yield from ["", f"#### {texts(f'plan.{kind}')}", ""]
        yield from (f"- {_notice(group, texts)}" for group in groups[:cap])
        if len(groups) > cap:
            yield f"- {texts('plan.more_notices', n=len(groups) - cap)}"
    yield from _table(plan, texts, cap)
    yield from _details(plan, texts, cap)
    yield from rollout_markdown(plan, texts)
    yield from _requests(plan, texts)
    yield from _listings(plan, texts)
    yield from _models(plan, texts)
    yield from ["", f"{texts('plan.digest')} {markdown_code(plan.digest)}"]
    yield from ["", f"{texts('plan.created')} {moment(plan.created)} · {texts('plan.expires')} {moment(plan.expires)}"]


def _problems(plan: Plan, texts: Texts, cap: int) -> Iterator[str]:
    if not plan.diagnostics:
        return
    yield from ["", f"#### {texts('plan.problems')}", ""]
    for diagnostic in plan.diagnostics[:cap]:
        place = f" {markdown_code(str(diagnostic.span))}" if diagnostic.span.file else ""
        severity = texts(f"severity.{diagnostic.severity.value}")
        head = texts("problem.head", code=markdown_code(diagnostic.code), severity=severity)
        summary = markdown_code(texts.summary(diagnostic))
        yield f"- {texts('problem.line', head=head, summary=summary)}{place}"
        if diagnostic.is_error and diagnostic.detail:
            yield f"  {markdown_code(diagnostic.detail, _DETAIL_LIMIT)}"
    if len(plan.diagnostics) > cap:
        yield f"- {texts('plan.more_notices', n=len(plan.diagnostics) - cap)}"


def _notice(group: outline.NoticeGroup, texts: Texts) -> str:
    notice = group.notice
    said = [f"{texts.count('device', group.devices)} {_sample(group.devices, group.sample, texts)}"]
    if notice.resource is not None:
        said.append(markdown_code(f"{notice.resource}  {outline.group_sides(group, texts)}".rstrip()))
    facts = map(markdown_code, drift_facts(notice, texts))
    return " — ".join([*said, markdown_code(texts.reason(notice.reason)), *facts])


def _sample(devices: int, sample: Sequence[object], texts: Texts) -> str:
    shown = [markdown_code(str(ref)) for ref in sample]
    return texts("list.and").join([*shown, texts("list.more")] if devices > len(shown) else shown)


def _table(plan: Plan, texts: Texts, cap: int) -> Iterator[str]:
    sending, recording = outline.split_classes(plan)
    for title, groups in (("plan.changes_title", sending), ("plan.recorded_only", recording)):
        if not groups:
            continue
        yield from ["", f"#### {texts(title)}", ""]
        yield f"| {' | '.join(texts(f'plan.{name}') for name in ('class', 'devices', 'change', 'reason'))} |"
        yield "| --- | --- | --- | --- |"
        first, last, left_out = _ends(groups, cap)
        for group in first:
            yield from _rows(group, texts)
        if left_out:
            devices = texts.count("device", sum(group.devices for group in left_out))
            yield f"| … | | {texts('plan.more_classes', n=len(left_out), devices=devices)} | |"
        for group in last:
            yield from _rows(group, texts)


def _ends(
    groups: Sequence[ChangeClass], cap: int
) -> tuple[Sequence[ChangeClass], Sequence[ChangeClass], Sequence[ChangeClass]]:
    """The largest classes, the smallest, and those between that are left out; classes come the largest first."""
    if len(groups) <= cap:
        return groups, (), ()
    head = cap - cap // 2
    tail = len(groups) - cap // 2
    return groups[:head], groups[tail:], groups[head:tail]


def _rows(group: ChangeClass, texts: Texts) -> Iterator[str]:
    devices = f"{texts.count('device', group.devices)}: {_sample(group.devices, group.sample, texts)}"
    name = markdown_code(group.id)
    for change in group.changes[:_CHANGES_SHOWN]:
        yield f"| {name} | {devices} | {_change(change, texts)} |"
        name = devices = ""
    if len(group.changes) > _CHANGES_SHOWN:
        yield f"| | | {texts('plan.more_notices', n=len(group.changes) - _CHANGES_SHOWN)} | |"


def _change(change: Change, texts: Texts) -> str:
    row = row_of(change, texts)
    shown = "  ".join(filter(None, [f"{row.symbol} {row.resource}", row.values, *row.inside]))
    return f"{markdown_code(shown)} | {markdown_code(row.reason)}"


def _details(plan: Plan, texts: Texts, cap: int) -> Iterator[str]:
    view = View.of(texts.lang, width=_FOLD_WIDTH)
    first, last, left_out = _ends(plan.classes, cap)
    lines = [line for problem in plan.diagnostics[:cap] for line in [*diagnostic_lines(problem, view), ""]]
    for group in first:
        lines += [*class_lines(group, view), ""]
    if left_out:
        devices = texts.count("device", sum(group.devices for group in left_out))
        lines += [texts("plan.more_classes", n=len(left_out), devices=devices), ""]
    for group in last:
        lines += [*class_lines(group, view), ""]
    if lines:
        marks = legend([*first, *last], texts)
        lines += [" · ".join(marks), ""] if marks else []
        fence = _fence(lines)
        yield from ["", f"<details><summary>{texts('plan.details')}</summary>", ""]
        yield from [f"{fence}text", *map(guarded, lines[:-1]), fence, "", "</details>"]


def _fence(lines: Sequence[str]) -> str:
    """Backticks, more of them than stand together anywhere inside."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    return "`" * max(3, longest + 1)


def _listings(plan: Plan, texts: Texts) -> Iterator[str]:
    rows = listing_rows(plan, texts)
    if rows:
        yield from ["", f"#### {texts('listing.title')}", ""]
        yield from (f"- {markdown_code(platform)} {said}" for platform, said in rows)


def _models(plan: Plan, texts: Texts) -> Iterator[str]:
    entries = model_entries(plan, texts, markdown_code)
    if entries:
        yield from ["", f"#### {texts('models.title')}", "", *(f"- {entry}" for entry in entries)]


def _requests(plan: Plan, texts: Texts) -> Iterator[str]:
    found = outline.requests_of(plan)
    if not found:
        return
    yield from ["", f"#### {texts('plan.requests')}", ""]
    for platform, kinds in found.items():
        yield f"- {markdown_code(platform)}: " + texts("list.and").join(f"`{kind}` {count:,}" for kind, count in kinds)
    yield from ["", texts("sentence.next").join([outline.forecast(plan, texts), *foreseen(plan, texts)])]
