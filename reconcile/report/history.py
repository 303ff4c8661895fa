"""The history of one device, for people: oldest first, commits and what was done about them."""

from __future__ import annotations

from reconcile.model.history import Deed, History, Revision
from reconcile.report.sanitise import inert
from reconcile.report.values import show_change
from reconcile.report.view import View, finish, moment

_ENGLISH = {
    "title": "History of {device}",
    "nothing": "Nothing: no commit changed what is wanted of it, and no attempt is in the journal.",
    "commit": "commit {hash}  {author}: {subject}",
    "gone": "no longer declared",
    "unreadable": "manifests with errors ({n}): what they wanted cannot be told",
    "deed": "{operation} {target}: {state}",
    "deed_late": "{operation} {target}: {state} at {at}",
    "cut": "Older commits were not read; -n reads more.",
    "no_git": "No commits: {why}",
}
_CHINESE = {
    "title": "{device} 的历史",
    "nothing": "没有记录：没有提交改变过它的期望，日志中也没有对它的操作。",
    "commit": "提交 {hash}  {author}：{subject}",
    "gone": "不再声明",
    "unreadable": "清单有 {n} 处错误，无法得知当时的期望",
    "deed": "{operation} {target}：{state}",
    "deed_late": "{operation} {target}：{state}，于 {at}",
    "cut": "更早的提交未读取；用 -n 读取更多。",
    "no_git": "没有提交：{why}",
}
_AUTHOR, _SUBJECT, _HASH = 40, 160, 12


def history_text(history: History, *, lang: str = "en", color: bool = False, width: int = 80) -> str:
    """The history as text; empty parts are said."""
    view, words = View.of(lang, color=color, width=width), _CHINESE if lang == "zh" else _ENGLISH
    lines = view.wrap(view.paint("bold", words["title"].format(device=inert(history.device))))
    if history.is_cut:
        lines += view.wrap(words["cut"], "  ")
    if history.no_git:
        lines += view.wrap(words["no_git"].format(why=inert(history.no_git)), "  ")
    happened = history.in_order()
    for one in happened:
        lines += ["", *(_revision(one, view, words) if isinstance(one, Revision) else _deed(one, view, words))]
    if not happened:
        lines += ["", *view.wrap(words["nothing"], "  ")]
    return finish(lines)


def _revision(revision: Revision, view: View, words: dict[str, str]) -> list[str]:
    head = words["commit"].format(
        hash=revision.commit[:_HASH], author=inert(revision.author, _AUTHOR), subject=inert(revision.subject, _SUBJECT)
    )
    lines = [*view.wrap(view.paint("bold", moment(revision.at))), *view.wrap(head, "  ", "    ")]
    if revision.unreadable:
        return [*lines, *view.wrap(words["unreadable"].format(n=revision.unreadable), "    ")]
    if revision.is_gone:
        return [*lines, *view.wrap(words["gone"], "    ")]
    for change in revision.changes:
        before, after = show_change(change.before, change.after, view.texts)
        lines += view.wrap(f"{inert(change.name)}  {before} → {after}", "    ", "      ")
    return lines


def _deed(deed: Deed, view: View, words: dict[str, str]) -> list[str]:
    last = deed.last
    is_late = (last.at - deed.began).total_seconds() >= 1
    told = words["deed_late" if is_late else "deed"].format(
        operation=inert(last.operation), target=inert(last.target), state=last.state.value, at=moment(last.at)
    )
    return [*view.wrap(view.paint("bold", moment(deed.began))), *view.wrap(told, "  ", "    ")]
