"""A plan as one self-contained page: no script, no outside resource, light and dark."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator

from reconcile.model.plan import Change, ChangeClass, Plan
from reconcile.report import outline
from reconcile.report.change_row import row as row_of
from reconcile.report.drift_facts import coverage_facts, drift_facts
from reconcile.report.foreseen import class_facts, foreseen
from reconcile.report.listings import listing_rows
from reconcile.report.messages import Texts, translate
from reconcile.report.models import model_entries
from reconcile.report.protection import allowed_entries
from reconcile.report.rollouts import rollout_sentences
from reconcile.report.sanitise import html_text
from reconcile.report.view import moment

_CLASSES_SHOWN = 1000
_NOTICES_SHOWN = 500
_DETAIL_LIMIT = 2000

_STYLE = """
:root{color-scheme:light dark;--line:#8884}
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9em;overflow-wrap:anywhere;unicode-bidi:isolate}
.error{color:light-dark(#b00020,#ff8a80)}.warning{color:light-dark(#8a5a00,#ffca66)}.good{color:light-dark(#1b6e2c,#8be29b)}
.dim{opacity:.7}li{margin:.3rem 0}
""".strip()
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"


def plan_html(plan: Plan, *, lang: str = "en") -> str:
    """The whole plan as an HTML document."""
    texts = translate(lang)
    verdict = outline.verdict(plan, texts)
    body = "\n".join(_body(plan, verdict, texts))
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if texts.lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html_text(verdict.sentence)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(plan: Plan, verdict: outline.Verdict, texts: Texts) -> Iterator[str]:
    yield f'<h1 class="{verdict.role}">{html_text(verdict.sentence)}</h1>'
    yield f"<p>{html_text(outline.totals(plan, texts))}</p>"
    if coverage := list(coverage_facts(plan.coverage, texts)):
        yield f"<p>{html_text(' · '.join(coverage))}</p>"
    yield from _list(texts("plan.protected"), allowed_entries(plan, texts, _code))
    yield from _list(texts("plan.problems"), _problems(plan, texts))
    for kind, notices in outline.notices_of(plan):
        groups = outline.grouped(notices)
        more = [html_text(texts("plan.more_notices", n=len(groups) - _NOTICES_SHOWN))] * (len(groups) > _NOTICES_SHOWN)
        entries = [_notice(group, texts) for group in groups[:_NOTICES_SHOWN]]
        yield from _list(texts(f"plan.{kind}"), [*entries, *more])
    sending, recording = outline.split_classes(plan)
    yield from _table(texts("plan.changes_title"), sending, texts)
    yield from _table(texts("plan.recorded_only"), recording, texts)
    for title, sentences in rollout_sentences(plan, texts):
        yield from _list(title, map(html_text, sentences))
    yield from _list(texts("plan.requests"), _requests(plan, texts))
    listed = (f"{_code(platform)} {html_text(said)}" for platform, said in listing_rows(plan, texts))
    yield from _list(texts("listing.title"), listed)
    yield from _list(texts("models.title"), model_entries(plan, texts, _code))
    yield f"<p>{html_text(texts('plan.digest'))} {_code(plan.digest)}</p>"
    made = f"{texts('plan.created')} {moment(plan.created)} · {texts('plan.expires')} {moment(plan.expires)}"
    yield f'<p class="dim">{html_text(made)}</p>'


def _list(title: str, entries: Iterable[str]) -> Iterator[str]:
    items = [f"<li>{entry}</li>" for entry in entries]
    if items:
        yield f"<h2>{html_text(title)}</h2>\n<ul>"
        yield from [*items, "</ul>"]


def _problems(plan: Plan, texts: Texts) -> Iterator[str]:
    for problem in plan.diagnostics[:_NOTICES_SHOWN]:
        severity = problem.severity.value
        head = texts("problem.head", code=problem.code, severity=texts(f"severity.{severity}"))
        place = f" {_code(str(problem.span))}" if problem.span.file else ""
        detail = f"<br>{html_text(problem.detail, _DETAIL_LIMIT)}" if problem.detail else ""
        head = f'<span class="{severity}">{html_text(head)}</span>'
        yield texts("problem.line", head=head, summary=html_text(texts.summary(problem))) + place + detail


def _notice(group: outline.NoticeGroup, texts: Texts) -> str:
    notice = group.notice
    shown = f"{html_text(texts.count('device', group.devices))} {_sample(group.devices, group.sample, texts)}"
    if notice.resource is not None:
        shown += f"<br>{_code(notice.resource)} {html_text(outline.group_sides(group, texts))}"
    facts = "".join(f"<br>{html_text(fact)}" for fact in drift_facts(notice, texts))
    return f'{shown}<br><span class="dim">{html_text(texts.reason(notice.reason))}</span>{facts}'


def _sample(devices: int, sample: Iterable[object], texts: Texts) -> str:
    shown = [_code(str(ref)) for ref in sample]
    return texts("list.and").join([*shown, texts("list.more")] if devices > len(shown) else shown)


def _table(title: str, groups: list[ChangeClass], texts: Texts) -> Iterator[str]:
    if not groups:
        return
    heads = "".join(f"<th>{html_text(texts(f'plan.{name}'))}</th>" for name in ("class", "devices", "change", "reason"))
    yield f"<h2>{html_text(title)}</h2>\n<table>\n<tr>{heads}</tr>"
    for group in groups[:_CLASSES_SHOWN]:
        yield from _rows(group, texts)
    rest = groups[_CLASSES_SHOWN:]
    if rest:
        devices = texts.count("device", sum(group.devices for group in rest))
        yield f'<tr><td colspan="4">{html_text(texts("plan.more_classes", n=len(rest), devices=devices))}</td></tr>'
    yield "</table>"


def _rows(group: ChangeClass, texts: Texts) -> Iterator[str]:
    count = len(group.changes)
    devices = f"{html_text(texts.count('device', group.devices))}<br>{_sample(group.devices, group.sample, texts)}"
    devices += "".join(f'<br><span class="dim">{html_text(fact)}</span>' for fact in class_facts(group, texts))
    head = f'<td rowspan="{count}">{_code(group.id)}</td><td rowspan="{count}">{devices}</td>'
    for change in group.changes:
        yield f"<tr>{head}{_change(change, texts)}</tr>"
        head = ""


def _change(change: Change, texts: Texts) -> str:
    row = row_of(change, texts)
    parts = [f"{row.symbol} {row.resource}  {row.values}".rstrip(), *row.inside]
    return f"<td>{'<br>'.join(map(_code, parts))}</td><td>{html_text(row.reason)}</td>"


def _requests(plan: Plan, texts: Texts) -> Iterator[str]:
    found = outline.requests_of(plan)
    for platform, kinds in found.items():
        yield f"{_code(platform)} " + html_text(texts("list.and").join(f"{kind} {count:,}" for kind, count in kinds))
    if found:
        yield html_text(outline.forecast(plan, texts))
        yield from map(html_text, foreseen(plan, texts))


def _code(text: str) -> str:
    return f"<code>{html_text(text)}</code>"
