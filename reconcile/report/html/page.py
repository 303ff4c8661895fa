"""The whole page, piece by piece: a plan of 100,000 devices is written while it is made.

It needs nothing but itself: no file, no font, no address. Its policy lets it run its own script alone, and without one
it shows everything but the list of devices.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.plan import Plan
from reconcile.report import outline
from reconcile.report.html import assets
from reconcile.report.html.both import TAGS, key, page_texts
from reconcile.report.html.classes import class_bars, class_cards
from reconcile.report.html.course import course
from reconcile.report.html.device_list import device_list, has_devices
from reconcile.report.html.island import island
from reconcile.report.html.sections import footing, notices, totals, verdict, warnings
from reconcile.report.sanitise import html_text

_MARK = (
    '<svg class="mark-of" viewBox="0 0 32 32" aria-hidden="true" focusable="false">'
    '<path d="M6 11a11 11 0 0 1 19-2"/><path d="m25 3.5.6 6-6 .6"/>'
    '<path d="M26 21a11 11 0 0 1-19 2"/><path d="m7 28.5-.6-6 6-.6"/><circle cx="16" cy="16" r="3.2"/></svg>'
)


def plan_page(plan: Plan, *, lang: str = "en") -> Iterator[str]:
    """The page in pieces; joined they are one HTML document. `lang` is the language it opens in."""
    texts = page_texts(lang)
    yield _head(plan, TAGS[texts.lang], outline.verdict(plan, texts).sentence)
    yield from _lines(_masthead(plan))
    yield '<main id="plan" tabindex="-1">\n'
    yield from _lines(totals(plan))
    yield from _lines(warnings(plan))
    yield from _lines(_changes(plan))
    yield from _lines(course(plan))
    yield from _lines(notices(plan))
    yield from _lines(device_list(plan))
    yield from _lines(footing(plan))
    yield '</main>\n<script type="application/json" id="data">'
    yield from island(plan, texts.lang)
    yield f"</script>\n<script>{assets.script()}</script>\n</body>\n</html>\n"


def _head(plan: Plan, tag: str, title: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{assets.policy()}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f'<meta name="reconcile-plan" content="{html_text(plan.digest)}">\n'
        f"<title>{html_text(title)}</title>\n<style>{assets.style()}</style>\n</head>\n<body>\n"
    )


def _masthead(plan: Plan) -> Iterator[str]:
    yield f'<a class="skip" href="#plan">{key("page.skip")}</a>'
    yield f'<header><div class="brand">{_MARK}<b>reconcile</b> <span class="dim">{key("page.product")}</span></div>'
    yield '<div class="tools" hidden id="tools">'
    yield f'<button type="button" id="language">{key("page.language")}</button>'
    yield f'<button type="button" id="theme" aria-pressed="false">{key("page.theme")}</button>'
    yield f'<button type="button" id="print">{key("page.print")}</button></div>'
    yield from verdict(plan)
    yield _contents(plan)
    yield "</header>"


def _contents(plan: Plan) -> str:
    """Where to go; only to what is there."""
    places = {"where": "page.where", "classes": "page.classes"}
    if any(device.steps for device in plan.devices):
        places["time"] = "page.time"
    places |= {f"s-{kind}": f"page.to.{kind}" for kind, found in outline.notices_of(plan) if found}
    if has_devices(plan):
        places["devices"] = "page.devices"
    links = "".join(f'<li><a href="#{place}">{key(name)}</a></li>' for place, name in places.items())
    title = f'<h2 class="unseen" id="contents">{key("page.contents")}</h2>'
    return f'<nav aria-labelledby="contents">{title}<ul>{links}</ul></nav>'


def _changes(plan: Plan) -> Iterator[str]:
    yield f'<section aria-labelledby="classes"><h2 id="classes">{key("page.classes")}</h2>'
    if plan.classes:
        yield f'<p class="dim">{key("page.classes.lead")}</p>'
    else:
        yield f"<p>{key('page.nothing')}</p>"
    yield from class_bars(plan)
    yield from class_cards(plan)
    yield "</section>"


def _lines(parts: Iterator[str]) -> Iterator[str]:
    for part in parts:
        yield f"{part}\n"
