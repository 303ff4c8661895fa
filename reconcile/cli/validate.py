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
    from reconcile.runs.listing_ask import listings_of
    from reconcile.runs.listings import Freshness
    from reconcile.runs.load import load
    from reconcile.runs.session import check_endpoints
    from reconcile.runs.source import FolderSource

    options, console = invocation.options(), invocation.console
    listings = listings_of(options, Freshness.NEVER)
    caches = Caches.beside(options.manifests, options.environ)
    fleet = load(FolderSource(options.manifests), now=options.now(), listings=listings, caches=caches)
    check_endpoints(options, fleet)
    invocation.tell_listings(fleet)
    console.tell(diagnostics_text(fleet.diagnostics, lang=console.lang, color=console.err_color, width=console.width))
    if has_errors(fleet.diagnostics):
        return 1
    documents = len({id(device.document) for device in fleet.devices})
    if console.lang == "zh":
        console.say(
            f"{fleet.name}：有效。{len(fleet.devices):,} 台设备，{documents:,} 种配置，{len(fleet.platforms):,} 个平台"
        )
    else:
        counts = {"device": len(fleet.devices), "configuration": documents, "platform": len(fleet.platforms)}
        console.say(f"{fleet.name}: valid. {', '.join(counted(number, noun) for noun, number in counts.items())}")
    return 0
