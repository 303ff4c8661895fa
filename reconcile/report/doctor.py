"""What `doctor` found, as text by platform and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconcile.model.examination import CallUse, Examined, Finding, Mark
from reconcile.model.values import JsonObject
from reconcile.report.doctor_chinese import CHINESE
from reconcile.report.doctor_english import ENGLISH
from reconcile.report.document import document
from reconcile.report.messages import Texts
from reconcile.report.sanitise import inert
from reconcile.report.style import columns_of, pad
from reconcile.report.view import View, finish

FORMAT = "reconcile-doctor/1"
ROLES = {Mark.OK: "good", Mark.WARNING: "warning", Mark.PROBLEM: "error", Mark.SKIPPED: "dim"}


def doctor_texts(lang: str) -> Texts:
    """The catalogue of a language."""
    return Texts("zh", CHINESE) if lang.lower().startswith("zh") else Texts("en", ENGLISH)


def doctor_text(examined: Sequence[Examined], *, lang: str = "en", color: bool = False, width: int = 80) -> str:
    """Findings by platform, each with its mark and, where something is to be done, with that; totals at the end."""
    view, texts = View.of(lang, color=color, width=width), doctor_texts(lang)
    lines: list[str] = []
    for each in examined:
        head = texts("head.platform", name=inert(each.name), type=each.type) if each.name else texts("head.fleet")
        lines += [
            view.paint("bold", head),
            *finding_lines(each.findings, view, texts),
            *_calls(each.calls, view, texts),
        ]
        lines.append("")
    return finish([*lines, *_totals(examined, view, texts)])


def doctor_json(examined: Sequence[Examined]) -> Iterator[str]:
    """The same as a JSON document; texts are English, `key` and `values` are for programs."""
    texts = doctor_texts("en")
    head: JsonObject = {"format": FORMAT, "fit": is_fit(examined)}
    findings = [_finding_json(each.name, finding, texts) for each in examined for finding in each.findings]
    calls = [_call_json(each.name, call) for each in examined for call in each.calls]
    yield from document(head, [("findings", findings), ("calls", calls)])


def is_fit(examined: Iterable[Examined]) -> bool:
    """True when nothing is a problem."""
    return not any(finding.mark is Mark.PROBLEM for each in examined for finding in each.findings)


def sentence(texts: Texts, key: str, finding: Finding) -> str:
    """The sentence of a finding with its facts, made inert."""
    values = {name: inert(value) if isinstance(value, str) else value for name, value in finding.values.items()}
    return texts(key, **values)


def finding_lines(findings: Iterable[Finding], view: View, texts: Texts) -> list[str]:
    """One paragraph for each finding: mark, topic, sentence; what to do below it."""
    shown = list(findings)
    marks = max((columns_of(texts(f"mark.{each.mark}")) for each in shown), default=0)
    topics = max((columns_of(texts(f"topic.{each.topic}")) for each in shown), default=0)
    lines: list[str] = []
    for each in shown:
        mark = view.paint(ROLES[each.mark], pad(texts(f"mark.{each.mark}"), marks))
        start = f"  {mark}  {pad(texts(f'topic.{each.topic}'), topics)}  "
        hanging = " " * (marks + topics + 6)
        lines += view.wrap(sentence(texts, each.key, each), start, hanging)
        if f"{each.key}.do" in texts.catalogue:
            lines += view.wrap(f"→ {sentence(texts, f'{each.key}.do', each)}", hanging, f"{hanging}  ")
    return lines


def _calls(calls: Sequence[CallUse], view: View, texts: Texts) -> list[str]:
    if not calls:
        return []
    plan = texts("list.and").join(call.name for call in calls if "plan" in call.roles)
    apply = texts("list.and").join(call.name for call in calls if "apply" in call.roles and "plan" not in call.roles)
    listing = texts("list.and").join(call.name for call in calls if "listing" in call.roles)
    lines = view.wrap(texts("head.calls", plan=plan, apply=apply), "  ")
    lines += view.wrap(texts("head.listing", listing=listing), "  ") if listing else []
    doctor = texts("list.and").join(call.name for call in calls if "doctor" in call.roles)
    lines += view.wrap(texts("head.doctor", doctor=doctor), "  ") if doctor else []
    return [*lines, *view.wrap(f"→ {texts('head.calls.do')}", "  ", "    ")]


def _totals(examined: Iterable[Examined], view: View, texts: Texts) -> list[str]:
    marks = [finding.mark for each in examined for finding in each.findings]
    problems = marks.count(Mark.PROBLEM)
    counts = texts("total", problems=problems, warnings=marks.count(Mark.WARNING), skipped=marks.count(Mark.SKIPPED))
    verdict = view.paint("error" if problems else "good", texts("total.unfit" if problems else "total.fit"))
    return [*view.wrap(verdict), *view.wrap(counts)]


def _finding_json(platform: str, finding: Finding, texts: Texts) -> JsonObject:
    body: JsonObject = {
        "platform": platform or None,
        "topic": finding.topic,
        "mark": finding.mark.value,
        "key": finding.key,
        "values": dict(finding.values),
        "text": sentence(texts, finding.key, finding),
    }
    advice = f"{finding.key}.do"
    return {**body, "advice": sentence(texts, advice, finding)} if advice in texts.catalogue else body


def _call_json(platform: str, call: CallUse) -> JsonObject:
    return {"platform": platform, "call": call.name, "roles": list(call.roles), "changes": call.is_mutating}
