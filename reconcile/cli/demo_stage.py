"""The demo's stage: the runs that the commands use, pointed at the emulator, and the emulator's control calls."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reconcile.cli.output import Console
from reconcile.cli.telling import Telling
from reconcile.report.drift import drift_text
from reconcile.report.status import status_text
from reconcile.report.text import plan_text
from reconcile.runs.apply import Applied, ApplyRequest, Approval, apply
from reconcile.runs.plan import make_plan
from reconcile.runs.recorded_device import recorded_devices
from reconcile.runs.request import Refresh, Request
from reconcile.runs.session import Options, Session
from reconcile.runs.status import Asking, refresh

if TYPE_CHECKING:
    from reconcile.model.plan import Plan

_T = TypeVar("_T")

_KEYS = {  # the emulator's published credentials: they open nothing else
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}
_PLATFORMS = ("onenet-prod", "aliyun-prod")


class Stage:
    """Commands of the demo; each prints what the command line would print."""

    def __init__(self, console: Console, folder: Path, state: Path, url: str) -> None:
        self.console = console
        self.folder = folder
        self._url = url
        self._options = Options(folder, f"sqlite:///{state}", dict.fromkeys(_PLATFORMS, url), _KEYS)

    def plan(self, level: Refresh = Refresh.CHANGED) -> Plan:
        """`reconcile plan`."""
        plan = self._run(lambda session: make_plan(session, Request(level))).plan
        console = self.console
        console.say(plan_text(plan, lang=console.lang, color=console.color, width=console.width))
        return plan

    def apply(self, level: Refresh = Refresh.CHANGED) -> Applied:
        """`reconcile apply --yes`."""
        show = Telling(self.console)
        stop = asyncio.Event()

        def confirm(plan: Plan) -> bool:
            show.planned(plan)
            return True

        approval = Approval(None, confirm)
        applied = self._run(
            lambda session: apply(session, ApplyRequest(Request(level), approval, show.event, stop, "demo"))
        )
        show.close(applied)
        return applied

    def status(self, *, is_refreshed: bool) -> None:
        """`reconcile status [--refresh]`."""
        console = self.console
        if is_refreshed:
            self._run(lambda session: refresh(session, Asking("demo")))
        with Session.open(self._options) as session:
            text = status_text(
                recorded_devices(session),
                now=session.options.now(),
                lang=console.lang,
                color=console.color,
                width=console.width,
                is_detailed=False,
            )
        console.say(text)

    def drift(self) -> Plan:
        """`reconcile drift`."""
        plan = self._run(lambda session: make_plan(session, Request(Refresh.ALL))).plan
        console = self.console
        console.say(drift_text(plan, lang=console.lang, color=console.color, width=console.width))
        return plan

    def control(self, path: str, body: dict[str, Any]) -> None:
        """A control call of the emulator. Raises: OSError."""
        request = urllib.request.Request(f"{self._url}/_emulator{path}", json.dumps(body).encode(), method="POST")  # noqa: S310  # our own loopback address
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # the same
            answer.read()

    def _run(self, work: Callable[[Session], Awaitable[_T]]) -> _T:
        with Session.open(self._options, creates_state=True) as session:

            async def inside() -> _T:
                try:
                    return await work(session)
                finally:
                    await session.close_clients()

            return asyncio.run(inside())
