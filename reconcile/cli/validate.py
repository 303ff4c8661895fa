"""`reconcile validate`."""

from __future__ import annotations

import click

from reconcile.cli.context import Invocation, pass_invocation


@click.command("validate")
@pass_invocation
def command(invocation: Invocation) -> int:
    """Parse, layer and check the manifests against schemas and device models; offline, without credentials."""
    from reconcile.cli.counting import counted
    from reconcile.model.diagnostic import has_errors
    from reconcile.report.diagnostics import diagnostics_text
    from reconcile.runs.caches import Caches
    from reconcile.runs.kept_verdict import KeptVerdicts, Verdict
    from reconcile.runs.listing_ask import listings_of
    from reconcile.runs.listings import Freshness
    from reconcile.runs.load import load
    from reconcile.runs.session import check_endpoints
    from reconcile.runs.source import FolderSource

    options, console = invocation.options(), invocation.console
    source, caches = FolderSource(options.manifests), Caches.beside(options.manifests, options.environ)
    kept = None if caches.valid is None or options.endpoints else KeptVerdicts(caches.valid, source)
    verdict = None if kept is None else kept.known()
    if verdict is None:
        listings = listings_of(options, Freshness.NEVER)
        fleet = load(source, now=options.now(), listings=listings, caches=caches)
        check_endpoints(options, fleet)
        invocation.tell_listings(fleet)
        verdict = Verdict.of(fleet)
        if kept is not None and not has_errors(fleet.diagnostics):
            kept.keep(fleet, verdict)
    console.tell(diagnostics_text(verdict.diagnostics, lang=console.lang, color=console.err_color, width=console.width))
    if has_errors(verdict.diagnostics):
        return 1
    if console.lang == "zh":
        console.say(
            f"{verdict.name}：有效。{verdict.devices:,} 台设备，{verdict.configurations:,} 种配置，"
            f"{verdict.platforms:,} 个平台"
        )
    else:
        counts = {"device": verdict.devices, "configuration": verdict.configurations, "platform": verdict.platforms}
        console.say(f"{verdict.name}: valid. {', '.join(counted(number, noun) for noun, number in counts.items())}")
    return 0
