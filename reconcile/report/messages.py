"""Sentences of a report by key: the catalogues `messages_en` and `messages_zh`, and how one is filled in.

Sentences are fixed; what varies comes in as named values, already made inert. Counted nouns have `.one` and `.many`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconcile.model.diagnostic import Diagnostic
from reconcile.model.late import dataclass
from reconcile.report.messages_en import ENGLISH
from reconcile.report.messages_zh import CHINESE
from reconcile.report.phrases_zh import SUMMARIES, reason_in_chinese
from reconcile.report.sanitise import LIMIT, inert

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?\+00:00")
"""A time as the planner writes it, to be shown as reports show times."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. Calling it with a key and the named values gives the sentence."""

    lang: str
    catalogue: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence; whole numbers are shown in groups of three digits."""
        shown = {name: f"{value:,}" if type(value) is int else value for name, value in values.items()}
        return self.catalogue[key].format_map(shown)

    def count(self, noun: str, n: int) -> str:
        """`1 device`, `8,112 devices`."""
        return self(f"{noun}.one" if n == 1 else f"{noun}.many", n=n)

    def summary(self, diagnostic: Diagnostic) -> str:
        """The fixed summary of a diagnostic in this language; in English where it was never translated."""
        summary = SUMMARIES.get(diagnostic.summary) if self.lang == "zh" else None
        return summary or inert(diagnostic.summary)

    def reason(self, text: str) -> str:
        """Why the plan does or leaves something, in this language where the sentence is one of the planner's own."""
        shown = _TIME.sub(r"\1 \2 UTC", inert(text, LIMIT))
        return reason_in_chinese(shown) if self.lang == "zh" else shown


def translate(lang: str) -> Texts:
    """The texts of a language: `zh` (also `zh_CN.UTF-8`) or English."""
    return Texts("zh", CHINESE) if lang.lower().startswith("zh") else Texts("en", ENGLISH)
