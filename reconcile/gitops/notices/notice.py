"""What a notice says, in a few lines: of a plan, or of an apply by the lines that `--json-events` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable

from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.values import JsonObject
from reconcile.report.sanitise import inert

_TITLE = 120
_WORDS = {
    "en": {
        "plan": "{name}: plan",
        "nothing": "Nothing to do: {devices:,} devices are as git says.",
        "changes": "{changing:,} of {devices:,} devices would change, in {classes:,} kinds of change.",
        "aside": "Waiting {waiting:,} · conflicts {conflicts:,} · held {held:,} · unknown {unknown:,}",
        "blocked": "Blocked: {n:,} limits or protections stand against it.",
        "apply": "{name}: apply",
        "done": "Done: everything was accepted.",
        "part": "Applied in part.",
        "stopped": "Blocked by policy or safety: see the job.",
        "doubt": "Attempts in doubt remain: run `reconcile recover`.",
        "failed": "Failed before anything was sent: {why}",
        "cut": "The run was cut short; the same command continues.",
        "counts": "{name} {n:,}",
    },
    "zh": {
        "plan": "{name}：计划",
        "nothing": "无需改动：{devices:,} 台设备与 git 一致。",
        "changes": "{devices:,} 台设备中有 {changing:,} 台将改动，共 {classes:,} 类改动。",
        "aside": "等待 {waiting:,} · 冲突 {conflicts:,} · 暂缓 {held:,} · 未知 {unknown:,}",
        "blocked": "已阻止：触及 {n:,} 项限制或保护。",
        "apply": "{name}：应用",
        "done": "完成：全部已被云平台接受。",
        "part": "部分完成。",
        "stopped": "被策略或安全限制阻止：请看作业。",
        "doubt": "仍有结果未定的请求：请运行 `reconcile recover`。",
        "failed": "未发送任何内容即失败：{why}",
        "cut": "运行中断；再次运行同一命令即可继续。",
        "counts": "{name} {n:,}",
    },
}


class NoticeRefusedError(ReconcileError):
    """The notice was not sent, or there is nothing to make one of."""

    code = "RCL443"


@dataclass(frozen=True, slots=True)
class Notice:
    """A title, lines of plain text, and perhaps a link. `is_bad`: somebody should look. `facts`: for machines."""

    title: str
    lines: tuple[str, ...]
    link: str
    is_bad: bool
    facts: JsonObject

    @property
    def text(self) -> str:
        """All of it, as plain text."""
        return "\n".join([self.title, *self.lines, *([self.link] if self.link else [])])


def of_plan(plan: Plan, name: str, link: str, lang: str) -> Notice:
    """What a plan would do."""
    words, summary = _WORDS[lang], plan.summary
    counts = {
        "devices": summary.devices,
        "changing": summary.changing,
        "waiting": summary.waiting,
        "conflicts": summary.conflicts,
        "held": summary.held,
        "unknown": summary.unknown,
    }
    lines = [words["changes" if plan.classes else "nothing"].format(**counts, classes=len(plan.classes))]
    if any(counts[key] for key in ("waiting", "conflicts", "held", "unknown")):
        lines.append(words["aside"].format(**counts))
    stops = sum(one.is_error for one in plan.diagnostics) + len(plan.blocked)
    if stops:
        lines.append(words["blocked"].format(n=stops))
    facts: JsonObject = {"event": "plan", "name": name, "digest": plan.digest, **counts, "blocked": stops}
    return _notice(words["plan"], name, lines, link, facts, is_bad=bool(stops or counts["conflicts"]))


def of_events(lines: Iterable[str], name: str, link: str, lang: str) -> Notice:
    """How an apply ended, by its events. Raises: NoticeRefusedError when they are none."""
    words, last = _WORDS[lang], _last(lines)
    match last.get("event"):
        case "finished":
            code = last.get("exit_code")
            said = [words[{0: "done", 4: "stopped", 5: "doubt"}.get(code if isinstance(code, int) else 1, "part")]]
            counts = last.get("counts")
            if isinstance(counts, dict) and counts:
                told = [words["counts"].format(name=inert(key, 40), n=_whole(n)) for key, n in sorted(counts.items())]
                said.append(" · ".join(told))
        case "failed":
            code, said = 1, [words["failed"].format(why=inert(str(last.get("message", "")), 300))]
        case _:
            code, said = 1, [words["cut"]]
    facts: JsonObject = {"event": "apply", "name": name, "exit_code": code, "counts": last.get("counts", {})}
    return _notice(words["apply"], name, said, link, facts, is_bad=code != 0)


def _notice(title: str, name: str, lines: list[str], link: str, facts: JsonObject, *, is_bad: bool) -> Notice:
    return Notice(title.format(name=inert(name, _TITLE)), tuple(lines), link, is_bad, facts)


def _last(lines: Iterable[str]) -> JsonObject:
    """The last whole event; a line that a kill cut is passed over."""
    found: JsonObject = {}
    for line in lines:
        try:
            body = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(body, dict) and "event" in body:
            found = body
    if not found:
        raise NoticeRefusedError("no event in the file. Write it with `reconcile apply --json-events > FILE`.")
    return found


def _whole(n: object) -> int:
    return n if isinstance(n, int) else 0
