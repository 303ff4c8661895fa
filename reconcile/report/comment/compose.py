"""The whole comment, and the whole summary: the same sections, another limit, and who is told when it was made.

A comment says nothing that differs between two plans that would do the same: no times, no serial, no age of a look.
So planning again without a change leaves the comment as it stands, byte for byte, and nobody is notified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.report import outline
from reconcile.report.comment import sections
from reconcile.report.comment.fit import Part, clean, fit
from reconcile.report.comment.hosts import FILE, GITHUB, SUMMARY, Host
from reconcile.report.comment.marker import NAME, PLAIN, Marker
from reconcile.report.comment.words import comment_texts
from reconcile.report.drift_facts import coverage_facts
from reconcile.report.messages import Texts
from reconcile.report.sanitise import markdown_code
from reconcile.report.view import moment

_MARKS = {"error": "⛔ ", "warning": "⚠ ", "good": "✅ ", "bold": ""}
_URL = re.compile(
    r"https?://[A-Za-z0-9.:\[\]_-]+(?:/[A-Za-z0-9._~!$&'*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'*+,;=:@%/-]*)?"
)
_MOST_URL = 2000


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a plan: where the full report is, and which comment of a pull request this is.

    Raises: ValueError for a name or an address that could be taken for markup.
    """

    report_url: str = ""
    name: str = PLAIN

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError("a name is 1 to 64 letters, digits, dots, dashes and underscores, the first none of those")
        if self.report_url and not (len(self.report_url) <= _MOST_URL and _URL.fullmatch(self.report_url)):
            raise ValueError(
                "the report's address begins with https:// or http:// and holds no blanks, quotes or brackets"
            )


def plan_comment(plan: Plan, frame: Frame | None = None, *, host: Host = GITHUB, lang: str = "en") -> str:
    """The plan as a sticky comment; the first line is its marker. Raises: ValueError when not even the verdict fits."""
    frame = frame or Frame()
    marker = Part((str(Marker(frame.name, plan.digest)),))
    body = _parts(_without_ages(plan), frame, comment_texts(lang), host)
    return fit([marker, *body], host.limit, host.measure)


def plan_summary(plan: Plan, frame: Frame | None = None, *, host: Host = SUMMARY, lang: str = "en") -> str:
    """The plan as the summary of a job: of that one run, so it tells when the plan was made."""
    texts = comment_texts(lang)
    made = f"{texts('plan.created')} {moment(plan.created)} · {texts('plan.expires')} {moment(plan.expires)}"
    body = [*_parts(plan, frame or Frame(), texts, host), *sections.listings(plan, texts), Part(("", made))]
    return fit(body, host.limit, host.measure)


def plan_markdown(plan: Plan, *, lang: str = "en", limit_bytes: int = FILE.limit) -> str:
    """The plan as a Markdown file for any other place: a summary, short and without a host's extensions."""
    return plan_summary(plan, host=replace(FILE, limit=limit_bytes), lang=lang)


def _parts(plan: Plan, frame: Frame, texts: Texts, host: Host) -> Iterator[Part]:
    yield Part(tuple(clean(_head(plan, frame, texts))))
    yield from sections.banner(plan, texts, has_alerts=host.has_alerts)
    yield from sections.problems(plan, texts)
    yield from sections.left_alone(plan, texts, ["guarded"])
    yield from sections.changes(plan, texts)
    yield from sections.rollouts(plan, texts)
    yield from sections.left_alone(plan, texts, ["conflicts", "drift"])
    yield from sections.requests(plan, texts)
    yield from sections.left_alone(plan, texts, ["unknown", "held", "put_off"])
    yield from sections.models(plan, texts)
    yield from sections.details(plan, texts)
    yield Part(("", texts("comment.named", digest=markdown_code(plan.digest))))


def _head(plan: Plan, frame: Frame, texts: Texts) -> Iterator[str]:
    verdict = outline.verdict(plan, texts)
    yield f"### {_MARKS[verdict.role]}{verdict.sentence}"
    yield ""
    if frame.name != PLAIN:
        yield f"**{texts('comment.environment', name=markdown_code(frame.name))}** · {outline.totals(plan, texts)}"
    else:
        yield outline.totals(plan, texts)
    if coverage := list(coverage_facts(plan.coverage, texts)):
        yield from ("", " · ".join(coverage))
    if frame.report_url:
        yield from ("", f"[{texts('comment.report')}]({frame.report_url})")


def _without_ages(plan: Plan) -> Plan:
    """Without what changes by itself while the plan stays the same."""
    coverage = None if plan.coverage is None else replace(plan.coverage, oldest_s=None)
    return replace(plan, coverage=coverage, rollouts=tuple(replace(note, again_s=None) for note in plan.rollouts))
