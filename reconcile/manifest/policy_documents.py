"""Policy documents: rules, whom they are about, and what is waived of them until when.

A rule says exactly one thing; one that could never hold, or that nothing could break, is told as a mistake: whoever
wrote it relies on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from reconcile.manifest.document import Document
from reconcile.manifest.holds import until
from reconcile.manifest.hours import read_hours
from reconcile.manifest.layer_codes import BAD_UNTIL, POLICY_UNCLEAR, WAIVER_ENDED
from reconcile.manifest.members import list_of, number_of, object_of
from reconcile.manifest.select import read_selector
from reconcile.manifest.suggest import did_you_mean
from reconcile.model.device import Device
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.policy import Bounds, Condition, Owned, Policies, Rule, Subject, Waiver
from reconcile.model.protection import Pattern, anything
from reconcile.model.rollout import Hours
from reconcile.model.values import Json, JsonObject, canonical, sha256


def read_policies(documents: Sequence[Document], now: datetime) -> tuple[Policies, list[Diagnostic]]:
    """The rules of all Policy documents, and what is wrong with them. A waiver that is over counts no more."""
    problems: list[Diagnostic] = []
    in_order = sorted(documents, key=lambda document: document.name)
    rules = [rule for document in in_order for rule in _Reader(document, now, problems).rules()]
    said: list[Json] = [[document.name, document.body.get("spec")] for document in in_order]
    digest = sha256(canonical(said)) if said else ""
    return Policies(tuple(rules), tuple(document.name for document in in_order), digest), problems


class _Reader:
    """One document on its way to its rules."""

    def __init__(self, document: Document, now: datetime, problems: list[Diagnostic]) -> None:
        self._document, self._now, self._problems = document, now, problems
        self._spec = object_of(document.body.get("spec"))

    def rules(self) -> list[Rule]:
        """The rules that can be read."""
        found: dict[str, Rule] = {}
        bodies = [object_of(body) for body in list_of(self._spec.get("rules"))]
        waived = self._waivers([str(body.get("name")) for body in bodies])
        for index, body in enumerate(bodies):
            name = str(body.get("name"))
            if name in found:
                self._say(("rules", index, "name"), f"found rule {name!r} twice. Give each rule a name of its own")
                continue
            rule = self._rule(index, body, tuple(waived.get(name, ())))
            if rule is not None:
                found[name] = rule
        return list(found.values())

    def _rule(self, index: int, body: JsonObject, waivers: tuple[tuple[Waiver, bool], ...]) -> Rule | None:
        subjects = [subject for subject in Subject if subject.value in body]
        if len(subjects) != 1:
            given = " and ".join(f"`{subject}`" for subject in subjects) or "none"
            expected = ", ".join(f"`{subject}`" for subject in Subject)
            self._say(("rules", index), f"found {given}, expected exactly one of {expected}. Split it, or complete it")
            return None
        (subject,) = subjects
        is_limited = "selector" in body or "platforms" in body
        return Rule(
            policy=self._document.name,
            name=str(body.get("name")),
            subject=subject,
            denies=body.get("effect", "deny") == "deny",
            message=str(body.get("message", "")),
            texts=_texts(body.get(subject.value)) if subject in (Subject.PRODUCTS, Subject.IMEI_PREFIXES) else (),
            patterns=_patterns(body.get(subject.value)) if subject in (Subject.RESOURCES, Subject.COMMANDS) else (),
            bounds=self._bounds(index, object_of(body["bounds"])) if subject is Subject.BOUNDS else None,
            combination=_conditions(body.get("combination")),
            hours=self._hours(index, object_of(body["windows"])) if subject is Subject.WINDOWS else None,
            owned=_owned(body.get("owners")),
            waivers=tuple(waiver for waiver, _ in waivers),
            covers=_covers(body) if is_limited else anything,
            asks_labels=is_limited or any(is_narrow for _, is_narrow in waivers),
            span=self._document.span("spec", "rules", index),
        )

    def _bounds(self, index: int, body: JsonObject) -> Bounds:
        least, most, step = (number_of(body.get(name)) for name in ("min", "max", "maxStep"))
        at = ("rules", index, "bounds")
        if least is None and most is None and step is None:
            self._say(at, "found no `min`, `max` or `maxStep`: nothing could break it. Give one of them")
        if least is not None and most is not None and least > most:
            self._say((*at, "min"), f"found min {least:g} above max {most:g}: no value would do. Exchange them")
        return Bounds(Pattern(str(body.get("resource"))), least, most, step)

    def _hours(self, index: int, body: JsonObject) -> Hours:
        return read_hours(body, lambda where, detail: self._say(("rules", index, "windows", *where), detail))

    def _waivers(self, rules: Sequence[str]) -> dict[str, list[tuple[Waiver, bool]]]:
        """Waivers that count now, by their rule, and whether each is for some devices only."""
        found: dict[str, list[tuple[Waiver, bool]]] = {}
        for index, body in enumerate(map(object_of, list_of(self._spec.get("waivers")))):
            name, text = str(body.get("rule")), str(body.get("until"))
            ends = until(text)
            if name not in rules:
                meant = did_you_mean(name, rules)
                self._say(("waivers", index, "rule"), f"found rule {name!r}, which the policy does not have. {meant}"
                          "Name one of its rules, or delete the waiver")  # fmt: skip
            elif ends is None:
                detail = f"found {text!r}, expected a date (2026-12-31) or a time with its zone"
                self._problems.append(BAD_UNTIL.at(self._document.span("spec", "waivers", index, "until"), detail))
            elif ends <= self._now:
                detail = f"policy {self._document.name}: the waiver of {name} ended at {ends.isoformat()}"
                span = self._document.span("spec", "waivers", index)
                self._problems.append(WAIVER_ENDED.at(span, f"{detail}. Delete it, or extend `until`"))
            else:
                span, is_narrow = self._document.span("spec", "waivers", index), "selector" in body
                covers = _covers(body) if is_narrow else anything
                found.setdefault(name, []).append((Waiver(str(body.get("reason")), ends, covers, span), is_narrow))
        return found

    def _say(self, where: tuple[str | int, ...], detail: str) -> None:
        span = self._document.span("spec", *where)
        self._problems.append(POLICY_UNCLEAR.at(span, f"policy {self._document.name}: {detail}"))


def _covers(body: JsonObject) -> Callable[[Device], bool]:
    selector, platforms = read_selector(body.get("selector")), frozenset(_texts(body.get("platforms")))
    return lambda device: (not platforms or device.ref.platform in platforms) and selector.matches(device.labels)


def _conditions(value: Json) -> tuple[Condition, ...]:
    return tuple(
        Condition(Pattern(str(one.get("resource"))), one.get("value")) for one in map(object_of, list_of(value))
    )


def _owned(value: Json) -> tuple[Owned, ...]:
    found = (object_of(one) for one in list_of(value))
    return tuple(Owned(_plain(str(one.get("path"))), _texts(one.get("owners"))) for one in found)


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _patterns(value: Json) -> tuple[Pattern, ...]:
    return tuple(map(Pattern, _texts(value)))


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(map(str, list_of(value)))
