"""What policies say about one device, for `explain`: a line for each rule, its effect, its content and its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconcile.model.policy import Bounds, Rule, Subject
from reconcile.report.sanitise import inert
from reconcile.report.view import View, finish

_WORDS = {
    "en": {
        "title": "Policies that speak about it",
        "deny": "deny",
        "warn": "warn",
        "only": "only {listed}",
        "least": "at least {n:g}",
        "most": "at most {n:g}",
        "step": "in steps of at most {n:g}",
        "never": "never together: {listed}",
        "hours": "only within its windows",
        Subject.PRODUCTS: "products",
        Subject.IMEI_PREFIXES: "IMEIs that begin with",
        Subject.RESOURCES: "resources",
        Subject.COMMANDS: "commands",
    },
    "zh": {
        "title": "相关策略",
        "deny": "拒绝",
        "warn": "警告",
        "only": "仅限 {listed}",
        "least": "不小于 {n:g}",
        "most": "不大于 {n:g}",
        "step": "每次变化不超过 {n:g}",
        "never": "不得同时为：{listed}",
        "hours": "仅限规定时段",
        Subject.PRODUCTS: "产品",
        Subject.IMEI_PREFIXES: "IMEI 前缀",
        Subject.RESOURCES: "资源",
        Subject.COMMANDS: "命令",
    },
}


def policies_text(rules: Sequence[Rule], *, lang: str = "en", color: bool = False, width: int = 80) -> str:
    """The block; "" without a rule."""
    if not rules:
        return ""
    view, words = View.of(lang, color=color, width=width), _WORDS["zh" if lang == "zh" else "en"]
    lines = [view.paint("bold", words["title"])]
    for rule in rules:
        effect = words["deny" if rule.denies else "warn"]
        lines += view.wrap(f"{inert(rule.title)} ({effect}): {inert(_content(rule, words))}", "  ", "    ")
        if rule.message:
            lines += view.wrap(inert(rule.message), "    ")
        lines += view.wrap(view.paint("dim", inert(str(rule.span))), "    ")
    return finish(lines)


def _content(rule: Rule, words: dict[str, str]) -> str:
    listed = ", ".join((*rule.texts, *(pattern.text for pattern in rule.patterns)))
    match rule.subject:
        case Subject.BOUNDS if rule.bounds is not None:
            return f"{rule.bounds.pattern.text}: {', '.join(_bounds(rule.bounds, words))}"
        case Subject.COMBINATION:
            met = ", ".join(f"{one.pattern.text} = {one.value!r}" for one in rule.combination)
            return words["never"].format(listed=met)
        case Subject.WINDOWS:
            return words["hours"]
        case _:
            return f"{words[rule.subject]}: {words['only'].format(listed=listed)}"


def _bounds(bounds: Bounds, words: dict[str, str]) -> Iterator[str]:
    for name, number in (("least", bounds.least), ("most", bounds.most), ("step", bounds.step)):
        if number is not None:
            yield words[name].format(n=number)
