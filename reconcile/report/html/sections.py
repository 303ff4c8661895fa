"""What stands around the classes: verdict, totals, warnings, what is left alone, requests, footing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconcile.model.diagnostic import Diagnostic
from reconcile.model.plan import Plan
from reconcile.report import outline
from reconcile.report.drift_facts import coverage_facts, drift_facts
from reconcile.report.foreseen import foreseen
from reconcile.report.html.both import BOTH, DETAIL, both, both_raw, code, key, pair, sample
from reconcile.report.html.pictures import shares
from reconcile.report.html.standing import standings
from reconcile.report.listings import listing_rows
from reconcile.report.models import model_entries
from reconcile.report.protection import allowed_entries
from reconcile.report.sanitise import html_text
from reconcile.report.view import moment

NOTICES = 500
"""Entries of one kind that are shown in full; equal ones are one entry."""


def verdict(plan: Plan) -> Iterator[str]:
    """The first sentence, and when and from what the plan was made."""
    role = outline.verdict(plan, BOTH[0]).role
    yield f'<h1 class="verdict {role}">{both(lambda texts: outline.verdict(plan, texts).sentence)}</h1>'
    made = both(
        lambda texts: f"{texts('plan.created')} {moment(plan.created)} · {texts('plan.expires')} {moment(plan.expires)}"
    )
    yield f'<p class="dim">{made}</p><p class="dim digest">{code(plan.digest)}</p>'


def totals(plan: Plan) -> Iterator[str]:
    """Every device counted once: as a picture, and as the numbers it is made of."""
    counts = standings(plan)
    yield f'<section aria-labelledby="where"><h2 id="where">{key("page.where")}</h2>'
    yield shares(counts)
    yield '<ul class="tiles">'
    for name, count in counts.items():
        yield f'<li class="tile t-{name}"><b>{count:,}</b> {key(f"standing.{name}")}</li>'
    yield "</ul>"
    facts = both(lambda texts: " · ".join(coverage_facts(plan.coverage, texts)))
    yield f'<p class="dim">{facts}</p></section>' if facts else "</section>"


def warnings(plan: Plan) -> Iterator[str]:
    """Protected writes, and problems of the manifests: what must not be overlooked."""
    if plan.protected:
        entries = zip(*(allowed_entries(plan, texts, code) for texts in BOTH), strict=True)
        items = [both_raw(pair(entry)) for entry in entries]
        yield from section("protected", key("plan.protected"), items, "banner")
    problems = [*map(_problem, plan.diagnostics[:NOTICES]), *_more(len(plan.diagnostics) - NOTICES)]
    yield from section("problems", key("plan.problems"), problems)


def notices(plan: Plan) -> Iterator[str]:
    """What the plan leaves alone, by kind, equal ones together; `note-drift-3` is the fourth entry of drift."""
    for kind, found in outline.notices_of(plan):
        groups = outline.grouped(found)
        items = [_notice(group) for group in groups[:NOTICES]]
        ids = [f"note-{kind}-{number}" for number in range(len(items))]
        more = _more(len(groups) - NOTICES)
        yield from section(kind, key(f"plan.{kind}"), [*items, *more], "left", [*ids, *("" for _ in more)])


def footing(plan: Plan) -> Iterator[str]:
    """Requests by platform, where the inventory and the models come from, what the plan is based on."""
    requests = [
        f"{code(platform)} " + html_text(", ".join(f"{kind} {count:,}" for kind, count in kinds))
        for platform, kinds in outline.requests_of(plan).items()
    ]
    if requests:
        requests.append(both(lambda texts: outline.forecast(plan, texts)))
        requests += [both(pair(said)) for said in zip(*(foreseen(plan, texts) for texts in BOTH), strict=True)]
    yield from section("requests", key("plan.requests"), requests)
    listed = zip(*(listing_rows(plan, texts) for texts in BOTH), strict=True)
    items = [f"{code(english[0])} {both(pair((english[1], chinese[1])))}" for english, chinese in listed]
    yield from section("listings", key("listing.title"), items)
    models = zip(*(model_entries(plan, texts, code) for texts in BOTH), strict=True)
    yield from section("models", key("models.title"), [both_raw(pair(entry)) for entry in models])
    base = plan.base
    about = [f"{key('plan.digest')} {code(plan.digest)}", f"{key('page.refresh')} {code(base.refresh)}"]
    if base.commit:
        about.append(f"{key('page.commit')} {code(base.commit)}")
    if base.tool:
        about.append(f"reconcile {code(base.tool)}")
    yield from section("about", key("page.about"), about)


def section(name: str, title: str, items: Iterable[str], role: str = "", ids: Iterable[str] = ()) -> Iterator[str]:
    """A headed list; nothing when there is nothing in it."""
    entries = list(items)
    if not entries:
        return
    marks = [f' id="{each}"' if each else "" for each in ids] or [""] * len(entries)
    yield f'<section class="{role}" aria-labelledby="s-{name}"><h2 id="s-{name}">{title}</h2><ul class="entries">'
    yield from (f"<li{mark}>{entry}</li>" for mark, entry in zip(marks, entries, strict=True))
    yield "</ul></section>"


def _problem(one: Diagnostic) -> str:
    head = [texts("problem.head", code=one.code, severity=texts(f"severity.{one.severity.value}")) for texts in BOTH]
    summaries = [texts.summary(one) for texts in BOTH]
    said = [texts("problem.line", head=h, summary=s) for texts, h, s in zip(BOTH, head, summaries, strict=True)]
    place = f" {code(str(one.span))}" if one.span.file else ""
    detail = f'<p class="dim">{html_text(one.detail, DETAIL)}</p>' if one.detail else ""
    return f'<span class="{one.severity.value}">{both(pair(said))}</span>{place}{detail}'


def _notice(group: outline.NoticeGroup) -> str:
    notice = group.notice
    shown = f"<b>{both(lambda texts: texts.count('device', group.devices))}</b> {sample(group.devices, group.sample)}"
    if notice.resource is not None:
        shown += f"<div>{code(notice.resource)} {both(lambda texts: outline.group_sides(group, texts))}</div>"
    facts = zip(*(drift_facts(notice, texts) for texts in BOTH), strict=True)
    told = "".join(f"<div>{both(pair(fact))}</div>" for fact in facts)
    return f'{shown}<div class="dim">{both(lambda texts: texts.reason(notice.reason))}</div>{told}'


def _more(count: int) -> list[str]:
    return [key("plan.more_notices", n=count)] if count > 0 else []
