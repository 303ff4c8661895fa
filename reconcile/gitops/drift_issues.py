"""One issue for each kind of drift: what to open, to change and to close, decided from a plan and the issues there are.

A kind of drift is a resource of a platform under a policy: one cause, whatever the number of devices. Pure; the same
plan over the issues that it made asks for nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from reconcile.gitops.forges.nouns import Issue
from reconcile.model.late import dataclass
from reconcile.model.plan import Notice, Plan
from reconcile.model.values import canonical, short_digest
from reconcile.report.messages import translate
from reconcile.report.sanitise import inert, markdown_code
from reconcile.report.values import show

LABEL: Final = "reconcile-drift"
_MARK: Final = re.compile(r"<!-- reconcile drift=([0-9a-f]{32}) -->")
_LISTED: Final = 50
_WORDS: Final = {
    "en": {
        "title": "Drift: {resource} on {platform}",
        "intro": "{n:,} devices of {platform} hold another value of {resource} than git says. Policy: {policy}.",
        "columns": "| device | git | recorded | found |",
        "more": "… and {n:,} more.",
        "outro": "Closed by itself once a plan finds no such drift any more.",
    },
    "zh": {
        "title": "漂移：{platform} 上的 {resource}",
        "intro": "{platform} 有 {n:,} 台设备的 {resource} 与 git 不一致。策略：{policy}。",
        "columns": "| 设备 | git | 已记录 | 实际 |",
        "more": "…… 另有 {n:,} 台。",
        "outro": "当计划不再发现此类漂移时，本议题会自动关闭。",
    },
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An issue as it should be."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What to do on the host. `edited` pairs the issue with what it should say; `closed` are of kinds that are gone."""

    opened: tuple[Wanted, ...] = ()
    edited: tuple[tuple[Issue, Wanted], ...] = ()
    closed: tuple[Issue, ...] = ()


def decide(plan: Plan, issues: Iterable[Issue], me: str, lang: str = "en") -> Changes:
    """What is to be done. Only issues that we wrote and that bear a mark of ours are touched; of several, the oldest.

    Devices that could not be read say nothing: an issue of which one of them may be the last is left open.
    """
    wanted = {one.key: one for one in wanted_issues(plan, lang)}
    ours: dict[str, list[Issue]] = defaultdict(list)
    for issue in issues:
        mark = _MARK.match(issue.text)
        if mark is not None and issue.author == me:
            ours[mark[1]].append(issue)
    opened = tuple(one for key, one in wanted.items() if key not in ours)
    edited, closed = [], list[Issue]()
    for key, found in ours.items():
        first, *copies = sorted(found, key=lambda one: int(one.number))
        closed += copies
        if key not in wanted:
            closed += [] if plan.unknown else [first]
        elif (_plain(first.text), first.title) != (_plain(wanted[key].text), wanted[key].title):
            edited.append((first, wanted[key]))
    return Changes(opened, tuple(edited), tuple(sorted(closed, key=lambda one: int(one.number))))


def wanted_issues(plan: Plan, lang: str = "en") -> Sequence[Wanted]:
    """An issue for each kind of drift, by resource."""
    kinds: dict[tuple[str, str, str], list[Notice]] = defaultdict(list)
    for notice in plan.drift:
        policy = "" if notice.drift is None else notice.drift.policy
        kinds[notice.device.platform, notice.resource or "", policy].append(notice)
    return [_issue(kind, kinds[kind], lang) for kind in sorted(kinds)]


def _issue(kind: tuple[str, str, str], notices: Sequence[Notice], lang: str) -> Wanted:
    words, texts = _WORDS[lang], translate(lang)
    platform, resource, policy = kind
    key = short_digest(canonical(list(kind)))
    said = {"platform": markdown_code(platform), "resource": markdown_code(resource), "policy": markdown_code(policy)}
    rows = [
        "| "
        + " | ".join(
            [markdown_code(str(one.device))]
            + [markdown_code(show(value, texts)) for value in (one.desired, one.recorded, one.observed)]
        )
        + " |"
        for one in sorted(notices, key=lambda one: one.device)
    ]
    lines = [f"<!-- reconcile drift={key} -->", words["intro"].format(n=len(rows), **said), "", words["columns"]]
    lines += ["| --- | --- | --- | --- |", *rows[:_LISTED], ""]
    if len(rows) > _LISTED:
        lines += [words["more"].format(n=len(rows) - _LISTED), ""]
    title = words["title"].format(resource=inert(resource, 80), platform=inert(platform, 80))
    return Wanted(key, title, "\n".join([*lines, words["outro"], ""]))


def _plain(text: str) -> str:
    """Hosts change line ends, and drop the last."""
    return text.replace("\r\n", "\n").rstrip()
