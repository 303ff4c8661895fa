"""Values for people: one short line each, and two different values never look the same."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reconcile.model.values import ABSENT, Json, Known, Missing, canonical, is_secret, same
from reconcile.report.messages import Texts
from reconcile.report.sanitise import inert, inert_json

LIMIT = 48
"""Characters of a value that are shown."""

_DIFFERENCES = 12
_LARGEST = 65_536


def show(value: Known, texts: Texts, limit: int = LIMIT) -> str:
    """A value on one line: JSON, a secret by its name, what is missing in words; a long one cut, with its length."""
    if isinstance(value, Missing):
        return texts("value.none" if value is ABSENT else "value.unknown")
    if is_secret(value):
        return texts("value.secret", name=inert(_secret_name(value), 80))
    return _cut(_json(_masked(value)), texts, limit)


def show_change(before: Known, after: Known, texts: Texts, limit: int = LIMIT) -> tuple[str, str]:
    """Both sides of a change, shown so that the difference can be seen."""
    left, right = show(before, texts, limit), show(after, texts, limit)
    if left != right or same(before, after):
        return left, right
    if is_secret(before) and is_secret(after):
        return left, texts("value.secret_changed", name=inert(_secret_name(after), 80))
    if isinstance(before, Missing) or isinstance(after, Missing):
        return left, right
    return _around_difference(json.dumps(_masked(before)), json.dumps(_masked(after)), limit)


def differences(before: Known, after: Known, texts: Texts) -> list[tuple[str, str, str]]:
    """What differs inside two structured values: place, before, after. Empty unless both are lists or both objects."""
    if not _is_structured(before, after):
        return []
    found = list(_deep_differences(before, after, texts))
    more = len(found) - _DIFFERENCES
    return found if more <= 0 else [*found[:_DIFFERENCES], (texts("value.more_differences", n=more), "", "")]


def _is_structured(before: Known, after: Known) -> bool:
    if is_secret(before) or is_secret(after):
        return False
    if not (isinstance(before, dict) and isinstance(after, dict)) and not (
        isinstance(before, list) and isinstance(after, list)
    ):
        return False
    return len(canonical(before)) + len(canonical(after)) <= _LARGEST


def _deep_differences(before: Known, after: Known, texts: Texts) -> Iterator[tuple[str, str, str]]:
    from deepdiff import DeepDiff
    from deepdiff.helper import NotPresent

    # Without the threshold a mostly changed object is reported as one replaced value.
    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    for level in sorted((level for kind in tree.values() for level in kind), key=lambda level: level.path()):
        sides = [ABSENT if isinstance(side, NotPresent) else side for side in (level.t1, level.t2)]
        yield _place(level.path(output_format="list")), *show_change(sides[0], sides[1], texts)


def _place(steps: list[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{inert(step, 60)}" for step in steps)


def _secret_name(value: Known) -> str:
    inner = value["$secret"] if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        return "?"
    return next((str(name) for source, name in inner.items() if source != "digest"), "?")


def _masked(value: Json) -> Json:
    """The value with secrets deep inside by name only: their digests are nobody's reading."""
    if is_secret(value):
        return f"(secret {_secret_name(value)})"
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _json(value: Json) -> str:
    """JSON, or Python's word for what JSON cannot carry: a cloud may well answer NaN."""
    try:
        return inert_json(value)
    except ValueError:
        return inert(repr(value))


def _cut(text: str, texts: Texts, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = '"' if text.startswith('"') else ""
    return f"{text[:limit]}…{end} {texts('value.length', n=len(text) - 2 * len(end))}"


def _around_difference(left: str, right: str, limit: int) -> tuple[str, str]:
    """Windows of two long or look-alike texts (ASCII JSON) that begin shortly before they part."""
    at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    start = max(0, at - 8)
    return tuple(  # type: ignore[return-value]  # two in, two out
        ("…" if start else "") + side[start : start + limit] + ("…" if start + limit < len(side) else "")
        for side in (left, right)
    )
