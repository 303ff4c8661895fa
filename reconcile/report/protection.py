"""What a plan sends to protected resources, and the line of a manifest that allows it: a banner of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reconcile.model.plan import Plan
from reconcile.model.protection import AllowedWrite
from reconcile.report import outline
from reconcile.report.messages import Texts
from reconcile.report.sanitise import LIMIT, inert
from reconcile.report.view import View, moment


def allowed_lines(plan: Plan, view: View) -> Iterator[str]:
    """The banner for the terminal; nothing where nothing protected is sent to."""
    if not plan.protected:
        return
    yield from view.title(view.paint("error", view.texts("plan.protected")))
    for one in plan.protected:
        devices = view.texts.count("device", one.devices)
        sample = outline.sample_text(one.devices, one.sample, view.texts)
        yield from view.wrap(sample, f"  {view.paint('bold', devices)}  ", "    ")
        yield from view.wrap(f"{inert(one.resource)}  {view.texts.reason(one.why)}", "    ")
        yield from view.wrap(view.paint("dim", _allowed(one, view.texts)), "    ")


def allowed_entries(plan: Plan, texts: Texts, code: Callable[[str], str]) -> list[str]:
    """An entry for each resource; `code` writes what is not ours so that it cannot be taken for markup."""
    return [
        " — ".join(
            [
                f"{texts.count('device', one.devices)} " + code(outline.sample_text(one.devices, one.sample, texts)),
                code(one.resource),
                code(texts.reason(one.why)),
                code(_allowed(one, texts)),
            ]
        )
        for one in plan.protected
    ]


def _allowed(one: AllowedWrite, texts: Texts) -> str:
    return texts("protected.allowed", at=inert(one.at), until=moment(one.until), reason=inert(one.reason, LIMIT))
