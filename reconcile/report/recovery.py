"""What recovery came to: what is still open, and the evidence of what only a person can settle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconcile.model.device import Identity
from reconcile.model.journal import JournalEntry
from reconcile.report.sanitise import inert
from reconcile.report.view import View, finish, moment

_ENGLISH = {
    "none": "Nothing is in doubt.",
    "settled": "{n} of {found} open attempts settled.",
    "undecided": "Still undecided: the clouds could not be asked, or a late copy may still land. Run this again.",
    "undeclared": "On platforms that the manifests no longer declare: nobody can be asked. Declare them again.",
    "cases": "Only a person can tell whether these ran: look at the device, then say what you saw.",
    "since": "since {at}",
    "until": "decided after {at} (the cloud's clock)",
    "what": "{operation} {target}, command {command}",
    "entry": "{at}  {state}, attempt {attempt}",
    "ran": "it ran:",
    "not_ran": "it did not:",
    "instant": "a copy sent late was refused after {at}",
}
_CHINESE = {
    "none": "没有结果未定的请求。",
    "settled": "{found} 次未决请求中已查明 {n} 次。",
    "undecided": "仍未查明：云平台无法访问，或迟到的请求仍可能生效。请再次运行本命令。",
    "undeclared": "所属平台已不在清单中声明，无处可查。请重新声明该平台。",
    "cases": "以下命令是否执行只有人能判断：请检查设备，然后如实告知。",
    "since": "始于 {at}",
    "until": "{at} 之后可定（云端时钟）",
    "what": "{operation} {target}，命令 {command}",
    "entry": "{at}  {state}，第 {attempt} 次",
    "ran": "已执行：",
    "not_ran": "未执行：",
    "instant": "{at} 之后到达的副本会被拒绝",
}


def recovery_text(  # noqa: PLR0913 - what was found, and how it is shown
    found: int,
    undecided: Sequence[JournalEntry],
    undeclared: Sequence[JournalEntry],
    cases: Sequence[tuple[str, Identity, Sequence[JournalEntry]]],
    *,
    lang: str = "en",
    color: bool = False,
    width: int = 80,
) -> str:
    """`found` were open before. A case: the command, the identity of its device, its entries in the journal."""
    view, words = View.of(lang, color=color, width=width), _CHINESE if lang == "zh" else _ENGLISH
    if not found:
        return finish([words["none"]])
    settled = found - len(undecided) - len(undeclared) - len(cases)
    lines = view.wrap(words["settled"].format(n=settled, found=found))
    for name, entries in (("undecided", undecided), ("undeclared", undeclared)):
        lines += _listed(words, name, entries, view)
    if cases:
        lines += view.title(words["cases"])
    for command, identity, story in cases:
        lines += _case(words, command, identity, story, view)
    return finish(lines)


def _listed(words: dict[str, str], name: str, entries: Sequence[JournalEntry], view: View) -> Iterator[str]:
    if entries:
        yield from view.title(words[name])
    for entry in entries:
        facts = [inert(str(entry.device)), f"{entry.operation} {inert(entry.target)}", entry.state.value]
        facts.append(words["since"].format(at=moment(entry.at)))
        if entry.deadline is not None:
            facts.append(words["until"].format(at=moment(entry.deadline)))
        yield from view.flow(facts, "  ", "    ")


def _case(
    words: dict[str, str], command: str, identity: Identity, story: Sequence[JournalEntry], view: View
) -> Iterator[str]:
    last = story[-1]
    what = words["what"].format(operation=last.operation, target=inert(last.target), command=inert(command))
    yield ""
    yield from view.flow([view.paint("bold", inert(str(last.device))), inert(str(identity)), what], "  ", "    ")
    for entry in story:
        said = words["entry"].format(at=moment(entry.at), state=entry.state.value, attempt=entry.attempt)
        evidence = [inert(str(entry.evidence[key])) for key in ("code", "message") if entry.evidence.get(key)]
        yield from view.wrap(": ".join([said, *evidence]), "    ", "      ")
    if last.deadline is not None:
        yield from view.wrap(words["instant"].format(at=moment(last.deadline)), "    ", "      ")
    yield f"    {words['ran']} reconcile state settle {last.intent} --ran"
    yield f"    {words['not_ran']} reconcile state settle {last.intent} --not-ran"
