"""Did-you-mean, and how a found value is shown to people."""

from __future__ import annotations

import json
from collections.abc import Iterable

_LONGEST = 60


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant; case, `-` and `_` do not count. None when nothing is near."""
    from difflib import get_close_matches

    names = {_plain(name): name for name in known}
    found = get_close_matches(_plain(word[:_LONGEST]), names, n=1, cutoff=0.6)
    return names[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean ...? ` or nothing, ready to stand before the list of what is allowed."""
    meant = closest(word, known)
    return f"Did you mean `{meant}`? " if meant is not None else ""


def quoted(text: str) -> str:
    """Text in double quotes, control characters escaped, cut after 60 characters."""
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return json.dumps(shown, ensure_ascii=False)


def name_of(text: str) -> str:
    """A key or name in backquotes, on one line, cut after 60 characters."""
    return "`" + quoted(text)[1:-1].replace("`", "'") + "`"


def listed(names: Iterable[str]) -> str:
    """Names one after the other, in their given order."""
    return ", ".join(names)


def _plain(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "")
