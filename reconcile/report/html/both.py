"""Both languages in one page: every sentence stands there twice, and the page's own language hides the other one.

So the switch needs no second file, paper shows one language, and without a script the page still reads well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from reconcile.report.html.words import WORDS
from reconcile.report.messages import Texts, translate
from reconcile.report.sanitise import html_text

Say: TypeAlias = Callable[[Texts], str]

TAGS = {"en": "en", "zh": "zh-CN"}
"""The languages as HTML names them."""

DETAIL = 2000
"""Characters of a foreign text that a page shows; it has room."""


def page_texts(lang: str) -> Texts:
    """The catalogue of a language with the words of the page."""
    texts = translate(lang)
    return Texts(texts.lang, {**texts.catalogue, **WORDS[texts.lang]})


BOTH = tuple(map(page_texts, TAGS))


def both(say: Say, *, tag: str = "span", limit: int = DETAIL) -> str:
    """What is said in either language, as text; once where both say the same."""
    return _twice([html_text(say(texts), limit) for texts in BOTH], tag)


def both_raw(say: Say, *, tag: str = "span") -> str:
    """The same where `say` gives HTML whose foreign parts are inert already."""
    return _twice([say(texts) for texts in BOTH], tag)


def pair(said: Sequence[str]) -> Say:
    """What was said before, in the order of `BOTH`."""
    by_lang = {texts.lang: each for texts, each in zip(BOTH, said, strict=True)}
    return lambda texts: by_lang[texts.lang]


def key(name: str, *, tag: str = "span", **values: object) -> str:
    """A sentence of the catalogue, in either language."""
    return both(lambda texts: texts(name, **values), tag=tag)


def code(text: str, limit: int = DETAIL) -> str:
    """Foreign text, set as code."""
    return f"<code>{html_text(text, limit)}</code>"


def sample(devices: int, refs: Iterable[object]) -> str:
    """The first devices by name, and a sign that there are more."""
    shown = [code(str(ref)) for ref in refs]
    return ", ".join([*shown, "…"] if devices > len(shown) else shown)


def _twice(found: list[str], tag: str) -> str:
    english, chinese = found
    if english == chinese:
        return english if tag == "span" else f"<{tag}>{english}</{tag}>"
    return f'<{tag} lang="en">{english}</{tag}><{tag} lang="zh-CN">{chinese}</{tag}>'
