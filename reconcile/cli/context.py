"""What the global options mean, and how a command opens its fleet."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile.cli.output import Console, Progress
from reconcile.model.late import dataclass

if TYPE_CHECKING:
    from reconcile.manifest.document import Fleet
    from reconcile.runs.asked import Asked
    from reconcile.runs.planned_heads import Foresight
    from reconcile.runs.session import Options, Session


@dataclass(frozen=True, slots=True)
class Invocation:
    """The global options of one call."""

    manifests: Path
    state: str | None
    endpoints: dict[str, str]
    console: Console
    is_verbose: bool

    @classmethod
    def of(cls, options: dict[str, Any]) -> Invocation:
        """From click's parameters. Raises: click.UsageError for an endpoint that is not PLATFORM=URL."""
        endpoints = {}
        for text in options["endpoints"]:
            name, equals, url = text.partition("=")
            if not (name and equals and _is_plain_url(url)):
                raise click.UsageError(
                    f"--endpoint takes PLATFORM=URL, such as onenet-prod=http://127.0.0.1:8931; found {text!r}"
                )
            endpoints[name] = url.rstrip("/")
        console = Console.of(lang=options["lang"], no_color=options["no_color"])
        return cls(options["manifests"], options["state"], endpoints, console, options["verbose"])

    def options(self, policy_from: str | None = None) -> Options:
        """For the runs."""
        from reconcile.runs.session import Options

        return Options(self.manifests, self.state, self.endpoints, dict(os.environ), policy_from=policy_from)

    def open(
        self,
        *,
        creates_state: bool = False,
        plans_with: str | None = None,
        spares_rest: bool = False,
        policy_from: str | None = None,
        leaves_out_settled: bool | Foresight | Asked = False,
        only: str | None = None,
    ) -> Session:
        """The fleet with its state; warnings of the manifests are told. Raises: InputRejectedError, StateError.

        `plans_with` is the `--refresh` of a command that plans: it needs every listing of a cloud, others do without.
        `spares_rest`, `leaves_out_settled`: as of `Session.open`; `policy_from`, `only`: as of `Options`.
        """
        from reconcile.runs.listings import Freshness
        from reconcile.runs.session import Session

        freshness = Freshness.IF_KEPT if plans_with is None else Freshness.of_refresh(plans_with)
        progress = Progress(self.console, "reading inventories, MB")
        options = replace(self.options(policy_from), only=only)
        try:
            session = Session.open(
                replace(options, reading=lambda done, size: progress.show(done // 1_000_000, size // 1_000_000)),
                creates_state=creates_state,
                freshness=freshness,
                spares_rest=spares_rest,
                leaves_out_settled=leaves_out_settled,
            )
        finally:
            progress.done()
        self.tell_listings(session.fleet)
        if session.fleet.diagnostics:
            from reconcile.report.diagnostics import diagnostics_text

            console = self.console
            text = diagnostics_text(
                session.fleet.diagnostics, lang=console.lang, color=console.err_color, width=console.width
            )
            console.tell(text)
        return session

    def tell_listings(self, fleet: Fleet) -> None:
        """Says how old the listings of clouds are that a fleet was read from."""
        if fleet.listings:
            from reconcile.report.listings import listings_text

            self.console.tell(listings_text(fleet.listings, now=self.options().now(), lang=self.console.lang))


def _is_plain_url(url: str) -> bool:
    """True for scheme, host and perhaps port and path: user names and queries are no part of an endpoint."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")
    return bool(parts.scheme and host) and parts.netloc.lower() == plain and not (parts.query or parts.fragment)


pass_invocation = click.make_pass_decorator(Invocation)
