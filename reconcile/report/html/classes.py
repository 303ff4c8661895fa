"""Change classes: a picture of their sizes, and a card for each with every change, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconcile.model.plan import Change, ChangeClass, Plan
from reconcile.report import outline
from reconcile.report.change_row import Row, legend
from reconcile.report.change_row import row as row_of
from reconcile.report.foreseen import class_facts
from reconcile.report.html.both import BOTH, Say, both, code, key, pair, sample
from reconcile.report.html.pictures import bar
from reconcile.report.sanitise import html_text

CARDS = 1000
"""Classes that have a card; a browser lays out no more in good time."""

_BARS = 12
_VALUE = 120
"""Characters of a value; a longer one is shown around the difference."""


def class_bars(plan: Plan) -> Iterator[str]:
    """A bar for each of the largest classes, and one for the others together."""
    groups = plan.classes
    if not groups:
        return
    shown, rest = groups[:_BARS], groups[_BARS:]
    others = sum(group.devices for group in rest)
    most = max([others, *(group.devices for group in shown)])
    yield f'<h3>{key("page.bars")}</h3>\n<ol class="bars">'
    for number, group in enumerate(shown):
        changes = _gist(group)
        yield (
            f'<li><a href="#class-{number}">{code(group.id, 40)}</a> <span class="gist">{changes}</span>'
            f"{bar(group.devices, most)}<b>{group.devices:,}</b></li>"
        )
    if rest:
        yield f"<li>{key('page.other_classes', n=len(rest))}{bar(others, most, 'rest')}<b>{others:,}</b></li>"
    yield "</ol>"


def class_cards(plan: Plan) -> Iterator[str]:
    """Classes that send something, then those that are only recorded."""
    sending, recording = outline.split_classes(plan)
    numbers = {group.id: number for number, group in enumerate(plan.classes)}
    for title, groups in (("plan.changes_title", sending), ("plan.recorded_only", recording)):
        shown = [group for group in groups if numbers[group.id] < CARDS]
        if not groups:
            continue
        yield f"<h3>{key(title)}</h3>"
        for group in shown:
            yield from _card(group, numbers[group.id])
        rest = groups[len(shown) :]
        if rest:
            yield f"<p>{both(_more(rest))}</p>"
    if plan.classes:
        yield f'<p class="dim">{both(lambda texts: " · ".join(legend(plan.classes, texts)))}</p>'


def _more(groups: Sequence[ChangeClass]) -> Say:
    devices = sum(group.devices for group in groups)
    return lambda texts: texts("plan.more_classes", n=len(groups), devices=texts.count("device", devices))


def _gist(group: ChangeClass) -> str:
    first = ", ".join(f"{row.symbol} {row.path}" for row in (row_of(one, BOTH[0], 20) for one in group.changes[:3]))
    return html_text(first + (", …" if len(group.changes) > 3 else ""), 80)


def _card(group: ChangeClass, number: int) -> Iterator[str]:
    yield f'<article class="card" id="class-{number}" aria-labelledby="class-{number}-t">'
    devices = both(lambda texts: texts.count("device", group.devices))
    yield f'<h4 id="class-{number}-t"><span class="count">{devices}</span> {code(group.id, 40)}</h4>'
    yield f'<p class="sample">{sample(group.devices, group.sample)}</p>'
    yield (
        '<div class="wide"><table class="changes"><thead class="unseen"><tr>'
        f'<th scope="col">{key("page.mark")}</th><th scope="col">{key("plan.change")}</th>'
        f'<th scope="col">{key("page.before")}</th><th scope="col">{key("plan.reason")}</th></tr></thead><tbody>'
    )
    for change in group.changes:
        yield _change(change)
    yield "</tbody></table></div>"
    facts = both(lambda texts: " · ".join(class_facts(group, texts)))
    if facts:
        yield f'<p class="facts">{facts}</p>'
    show = key("page.show")
    yield f'<p><button type="button" class="show" data-class="{number}" hidden>{show}</button></p></article>'


def _change(change: Change) -> str:
    rows = [row_of(change, texts, _VALUE) for texts in BOTH]
    name = f'<span class="dim">{html_text(rows[0].name)}</span>' if rows[0].name else ""
    values = both(pair([row.values for row in rows]), tag="code") if rows[0].values else ""
    inside = "".join(_inside(rows))
    reason = both(pair([row.reason for row in rows]))
    return (
        f'<tr class="{change.action if change.action in _ACTIONS else "other"}"><td class="mark">{rows[0].symbol}</td>'
        f"<td>{code(rows[0].path)} {name}</td><td>{values}{inside}</td><td>{reason}</td></tr>"
    )


_ACTIONS = frozenset({"create", "update", "clear", "release", "adopt", "run"})


def _inside(rows: Sequence[Row]) -> Iterator[str]:
    for english, chinese in zip(rows[0].inside, rows[1].inside, strict=True):
        yield f"<div>{both(pair([english, chinese]), tag='code')}</div>"
