"""A badge for a README: one line of a self-contained SVG that says how the fleet stands."""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.report.sanitise import html_text
from reconcile.report.standing import Standing

_GOOD, _WAITS, _BAD, _GREY = "#1a7f37", "#9a6700", "#b42318", "#57606a"
_WORDS = {
    "en": {"none": "no devices", "lost": "{n:,} lost", "done": "{percent} % confirmed", "all": "in step"},
    "zh": {"none": "没有设备", "lost": "丢失 {n:,}", "done": "已确认 {percent}%", "all": "一致"},
}
_HEIGHT, _PAD, _NARROW, _WIDE = 20, 6, 6.6, 11.0


def badge_svg(states: Mapping[Standing, int], *, label: str = "fleet", lang: str = "en") -> str:
    """The badge. White on its colours has a contrast of at least 4.5; nothing is loaded from anywhere."""
    message, color = _verdict(states, _WORDS[lang])
    left, right = _width(label), _width(message)
    width, shown, said = left + right, html_text(label, 60), html_text(message)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" role="img" '
        f'aria-label="{shown}: {said}"><title>{shown}: {said}</title>'
        f'<rect width="{left}" height="{_HEIGHT}" fill="#24292f"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{color}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{shown}</text><text x="{left + right / 2:g}" y="14">{said}</text></g></svg>\n'
    )


def _verdict(states: Mapping[Standing, int], words: Mapping[str, str]) -> tuple[str, str]:
    total, confirmed, lost = sum(states.values()), states.get(Standing.CONFIRMED, 0), states.get(Standing.LOST, 0)
    if not total:
        return words["none"], _GREY
    if lost:
        return words["lost"].format(n=lost), _BAD
    if confirmed == total:
        return words["all"], _GOOD
    # Rounded down: 100 % is said when it is so.
    return words["done"].format(percent=confirmed * 100 // total), _WAITS


def _width(text: str) -> int:
    return round(sum(_NARROW if ord(character) < 0x2E80 else _WIDE for character in text[:60]) + 2 * _PAD)
