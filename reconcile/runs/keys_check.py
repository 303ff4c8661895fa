"""Providers of credentials as a manifest names them: installed, and content with their part of it. Offline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconcile.manifest.document import Document
from reconcile.manifest.layer_codes import placed
from reconcile.manifest.suggest import did_you_mean, listed
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.errors import ReconcileError
from reconcile.model.values import JsonObject
from reconcile.ports import PlatformConfig
from reconcile.runs.keys_read import PROVIDER

_SUMMARY = "credentials provider cannot be used"


def check_providers(fleet: Document, configs: Mapping[str, PlatformConfig]) -> list[Diagnostic]:
    """What is wrong with every provider that a Fleet document names."""
    found: list[Diagnostic] = []
    for config in configs.values():
        for pointer, source in _named(config):
            span = fleet.span("spec", "platforms", config.name, "credentials", *pointer)
            place = fleet.span("spec", "platforms", config.name, "credentials", *pointer, PROVIDER)
            about = ".".join(("credentials", *pointer))
            found += _check(source, span, place, f"platform {config.name}, {about}")
    return found


def _named(config: PlatformConfig) -> Iterator[tuple[tuple[str, ...], JsonObject]]:
    credentials = config.spec.get("credentials")
    if not isinstance(credentials, dict):
        return
    if PROVIDER in credentials:
        yield (), credentials
        return
    for name, source in credentials.items():
        if isinstance(source, dict) and PROVIDER in source:
            yield (name,), source


def _check(source: JsonObject, span: Span, place: Span, about: str) -> Iterable[Diagnostic]:
    from reconcile.credentials.registry import find, known  # scanning entry points costs every start

    name = str(source[PROVIDER])
    try:
        provider = find(name)
    except ReconcileError as exc:
        return [Diagnostic("RCL415", _SUMMARY, f"{about}: {exc}. Install it again.", place)]
    if provider is None:
        offered = known()
        installed = f"Installed: {listed(offered)}" if offered else "None is installed; install its package"
        detail = f"{about}: found provider {name!r}. {did_you_mean(name, offered)}{installed}."
        return [Diagnostic("RCL415", _SUMMARY, detail, place)]
    spec = {member: value for member, value in source.items() if member not in {PROVIDER, "optional"}}
    return [placed(problem, span, about) for problem in provider.check(spec)]
