"""The sections of a comment as parts that can be shortened: what must be reviewed first, what is left alone after it.

Foreign text stands in code spans and fenced blocks only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from reconcile.model.plan import Change, ChangeClass, Plan
from reconcile.report import outline
from reconcile.report.change_row import legend
from reconcile.report.change_row import row as row_of
from reconcile.report.comment.fit import Lazy, LeftOut, Part, clean
from reconcile.report.drift_facts import drift_facts
from reconcile.report.foreseen import foreseen
from reconcile.report.listings import listing_rows
from reconcile.report.messages import Texts
from reconcile.report.models import model_entries
from reconcile.report.protection import allowed_entries
from reconcile.report.rollouts import rollout_markdown
from reconcile.report.sanitise import markdown_code
from reconcile.report.text import class_lines
from reconcile.report.view import View

_Group = TypeVar("_Group")

CHANGES_SHOWN = 6
DETAIL_CHANGES = 200
_DETAIL_LIMIT = 1000
_FOLD_WIDTH = 100
_RANKS = {"guarded": 1, "conflicts": 3, "drift": 4, "unknown": 5, "held": 6, "put_off": 7}


def banner(plan: Plan, texts: Texts, *, has_alerts: bool) -> Iterator[Part]:
    """What is sent to protected resources, in a box of its own."""
    entries = clean(f"> - {entry}" for entry in allowed_entries(plan, texts, markdown_code))
    if entries:
        box = ("> [!CAUTION]",) if has_alerts else ()
        devices = [one.devices for one in plan.protected]
        head = ("", *box, f"> **⚠ {texts('plan.protected')}**", ">")
        yield Part(head, entries, left_out=_entries(devices, texts, "> - {}"), rank=0)


def problems(plan: Plan, texts: Texts) -> Iterator[Part]:
    """Errors and warnings; of errors also what to do."""
    items = []
    for one in sorted(plan.diagnostics, key=lambda each: not each.is_error):
        place = f" {markdown_code(str(one.span))}" if one.span.file else ""
        severity = texts(f"severity.{one.severity.value}")
        head = texts("problem.head", code=markdown_code(one.code), severity=severity)
        line = f"- {texts('problem.line', head=head, summary=markdown_code(texts.summary(one)))}{place}"
        items.append(line + (f"\n  {markdown_code(one.detail, _DETAIL_LIMIT)}" if one.detail else ""))
    has_errors = any(one.is_error for one in plan.diagnostics)
    yield from _list(texts("plan.problems"), items, texts, rank=0 if has_errors else 8)


def left_alone(plan: Plan, texts: Texts, kinds: Sequence[str]) -> Iterator[Part]:
    """Conflicts, drift and so on: devices of which the same is said are one entry."""
    for kind, notices in outline.notices_of(plan):
        groups = outline.grouped(notices) if kind in kinds else []
        if groups:
            items = _each(groups, lambda group: f"- {_notice(group, texts)}")
            left_out = _entries([group.devices for group in groups], texts, "- {}")
            yield Part(("", f"#### {texts(f'plan.{kind}')}", ""), items, left_out=left_out, rank=_RANKS[kind])


def changes(plan: Plan, texts: Texts) -> Iterator[Part]:
    """A table of classes, those of the fewest devices first: the odd one out is what a reviewer must not miss."""
    for title, found in zip(("plan.changes_title", "plan.recorded_only"), outline.split_classes(plan), strict=True):
        if found:
            groups = smallest_first(found)
            names = ("plan.devices", "plan.change", "comment.example")
            table = (f"| {' | '.join(map(texts, names))} |", "| ---: | --- | --- |")
            left_out = _classes(groups, texts, "| … | {} | |")
            head = ("", f"#### {texts(title)}", "", *table)
            rows = _each(groups, lambda group: _row(group, texts))
            yield Part(head, rows, left_out=left_out, rank=2, is_ends_first=True)


def details(plan: Plan, texts: Texts) -> Iterator[Part]:
    """Every class with all of its changes, folded and fenced; not there at all where no room is left for it."""
    view = View.of(texts.lang, width=_FOLD_WIDTH)
    groups = smallest_first(plan.classes)
    if not groups:
        return
    items = _each(groups, lambda group: "\n".join([*_capped(group, view), ""]).replace("`", r"\x60"))
    head = ("", f"<details><summary>{texts('plan.details')}</summary>", "", "```text")
    marks = legend(groups, texts)
    tail = clean([*([" · ".join(marks)] if marks else []), "```", "", "</details>"])
    left_out = _classes(groups, texts, "{}\n")
    yield Part(head, items, tail, left_out, rank=9, is_ends_first=True, is_spare=True)


def requests(plan: Plan, texts: Texts) -> Iterator[Part]:
    """What is sent to which platform, and when it will have arrived."""
    found = outline.requests_of(plan)
    if found:
        items = clean(
            f"- {markdown_code(platform)}: " + texts("list.and").join(f"`{kind}` {count:,}" for kind, count in kinds)
            for platform, kinds in found.items()
        )
        said = texts("sentence.next").join([outline.forecast(plan, texts), *foreseen(plan, texts)])
        yield from _list(texts("plan.requests"), items, texts, rank=2, tail=("", said))


def models(plan: Plan, texts: Texts) -> Iterator[Part]:
    """The device models that tell a version."""
    entries = [f"- {entry}" for entry in model_entries(plan, texts, markdown_code)]
    yield from _list(texts("models.title"), entries, texts, rank=8)


def listings(plan: Plan, texts: Texts) -> Iterator[Part]:
    """What clouds listed, and when."""
    entries = [f"- {markdown_code(platform)} {said}" for platform, said in listing_rows(plan, texts)]
    yield from _list(texts("listing.title"), entries, texts, rank=8)


def rollouts(plan: Plan, texts: Texts) -> Iterator[Part]:
    """The table of waves of each rollout, whole or not at all."""
    lines = clean(rollout_markdown(plan, texts))
    if lines:
        yield Part((), ("\n".join(lines),), rank=1, is_spare=True)


def _list(title: str, items: Sequence[str], texts: Texts, rank: int, tail: tuple[str, ...] = ()) -> Iterator[Part]:
    def left_out(start: int, stop: int) -> str:
        return f"- {texts('plan.more_notices', n=stop - start)}"

    if items:
        yield Part(("", f"#### {title}", ""), clean(items), clean(tail), left_out, rank)


def smallest_first(groups: Sequence[ChangeClass]) -> list[ChangeClass]:
    """By devices, then by name as plans count: `c2` before `c10`."""
    return sorted(groups, key=lambda group: (group.devices, len(group.id), group.id))


def _each(groups: Sequence[_Group], show: Callable[[_Group], str]) -> Lazy:
    return Lazy(lambda at: show(groups[at]), len(groups))


def _row(group: ChangeClass, texts: Texts) -> str:
    shown = [_change(change, texts) for change in group.changes[:CHANGES_SHOWN]]
    if len(group.changes) > CHANGES_SHOWN:
        shown.append(texts("comment.more_changes", n=len(group.changes) - CHANGES_SHOWN))
    name = f"**× {group.devices:,}**<br>{markdown_code(group.id)}"
    return f"| {name} | {'<br>'.join(shown)} | {_sample(group.devices, group.sample, texts)} |"


def _change(change: Change, texts: Texts) -> str:
    row = row_of(change, texts)
    shown = markdown_code("  ".join(filter(None, [f"{row.symbol} {row.resource}", row.values, *row.inside])))
    return shown if row.is_usual else f"{shown} — {markdown_code(row.reason)}"


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


def _capped(group: ChangeClass, view: View) -> Iterator[str]:
    """The lines of a class, as the terminal shows them, no more than one comment needs."""
    lines = list(class_lines(group, view))
    yield from lines[:DETAIL_CHANGES]
    if len(lines) > DETAIL_CHANGES:
        yield "    " + view.texts("comment.more_changes", n=len(lines) - DETAIL_CHANGES)


def _classes(groups: Sequence[ChangeClass], texts: Texts, form: str) -> LeftOut:
    return _counted([group.devices for group in groups], texts, "comment.more_classes", form)


def _entries(devices: Sequence[int], texts: Texts, form: str) -> LeftOut:
    return _counted(devices, texts, "comment.more_entries", form)


def _counted(devices: Sequence[int], texts: Texts, key: str, form: str) -> Callable[[int, int], str]:
    sums = [0, *accumulate(devices)]

    def left_out(start: int, stop: int) -> str:
        return form.format(texts(key, n=stop - start, devices=texts.count("device", sums[stop] - sums[start])))

    return left_out
