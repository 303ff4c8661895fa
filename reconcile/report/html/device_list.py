"""The frame of the list of devices: search, filters, a table that the script fills, and a card for one device."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.plan import Plan
from reconcile.report import outline
from reconcile.report.html.both import key

_COLUMNS = ("page.devices", "page.state", "page.class", "page.in_wave", "page.requests", "page.notes")
_FILTERS = ("state", "class", "platform", "wave")
_TITLES = {"wave": "page.in_wave"}


def has_devices(plan: Plan) -> bool:
    """Whether the plan names any."""
    return bool(plan.devices) or any(found for _, found in outline.notices_of(plan))


def device_list(plan: Plan) -> Iterator[str]:
    """The section; nothing for a plan that names no device."""
    if not has_devices(plan):
        return
    yield f'<section class="devices" aria-labelledby="devices"><h2 id="devices">{key("page.devices")}</h2>'
    yield f'<p class="dim">{key("page.devices.lead")}</p>'
    yield f'<noscript><p class="warning">{key("page.no_script")}</p></noscript>'
    yield f'<p class="printed">{key("page.printed")}</p><div id="list" hidden><form id="filters" role="search">'
    yield f'<label>{key("page.search")} <input type="search" id="search" autocomplete="off" spellcheck="false"></label>'
    for name in _FILTERS:
        title = key(_TITLES.get(name, f"page.{name}"))
        yield f'<label>{title} <select id="by-{name}"></select></label>'
    yield f'<button type="reset">{key("page.reset")}</button></form>'
    yield '<p id="found" role="status" aria-live="polite"></p>'
    yield '<div class="table" role="table" id="table" aria-labelledby="devices"><div role="rowgroup">'
    heads = "".join(f'<span role="columnheader">{key(name)}</span>' for name in _COLUMNS)
    yield f'<div class="row head" role="row" aria-rowindex="1">{heads}</div></div>'
    yield '<div class="view" id="view" role="rowgroup"><div id="space" role="presentation"></div></div></div></div>'
    yield '<dialog id="detail" aria-labelledby="detail-title"><h3 id="detail-title"></h3><div id="detail-body"></div>'
    yield f'<form method="dialog"><button>{key("page.close")}</button></form></dialog></section>'
