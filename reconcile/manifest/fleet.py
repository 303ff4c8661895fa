"""The Fleet document: platforms, where models and inventories are, state. Its limits: `safety`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from reconcile.manifest.document import Document, StateConfig
from reconcile.manifest.layer_codes import STATE_BACKEND, placed
from reconcile.manifest.layer_entries import secret_source
from reconcile.manifest.members import number_of, object_of
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.manifest.watch import read_flap_rule, read_refresh
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.drift import FlapRule
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject
from reconcile.ports import Dialect, PlatformConfig

DEFAULT_REQUESTS_PER_S = {"onenet": 80.0, "aliyun": 40.0}
"""Below the vendors' limits (OneNET 100 a second per account, Aliyun 50 writes a second per account)."""

_CAUTIOUS_REQUESTS_PER_S = 10.0


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """The Fleet document apart from its defaults, which are a layer."""

    name: str = ""
    platforms: Mapping[str, PlatformConfig] = field(default_factory=dict)
    state: StateConfig = field(default_factory=StateConfig)
    refresh: RefreshRule = field(default_factory=RefreshRule)
    flaps: FlapRule = field(default_factory=FlapRule)


def listed_paths(document: Document, member: str) -> list[tuple[str, Span]]:
    """The paths under a member such as `models`, each with its place."""
    found = _spec(document).get(member)
    paths = found if isinstance(found, list) else []
    return [(str(path), document.span("spec", member, index)) for index, path in enumerate(paths)]


def platform_configs(document: Document) -> dict[str, PlatformConfig]:
    """The entries of `platforms:` by name, unchecked by their dialects."""
    return {name: _platform(document, name, body) for name, body in _platforms(document).items()}


def state_config(document: Document) -> StateConfig:
    """Where recorded state lives, unchecked."""
    return _state(document, [])


def platform_types(document: Document) -> set[str]:
    """The types of the platforms of a Fleet document."""
    return {str(platform.get("type")) for platform in _platforms(document).values()}


def read_fleet(
    documents: Sequence[Document], dialects: Mapping[str, Dialect]
) -> tuple[FleetSettings, list[Diagnostic]]:
    """The settings of the (first) Fleet document; empty ones without a document, which the parser reports."""
    if not documents:
        return FleetSettings(), []
    document = documents[0]
    diagnostics: list[Diagnostic] = []
    platforms = platform_configs(document)
    for name, config in platforms.items():
        dialect = dialects.get(config.type)
        if dialect is not None:
            problems = dialect.check_config(config)
            diagnostics += (placed(problem, config.span, f"platform {name}") for problem in problems)
    state = _state(document, diagnostics)
    refresh, flaps = read_refresh(document), read_flap_rule(document)
    return FleetSettings(document.name, platforms, state, refresh, flaps), diagnostics


def _spec(document: Document) -> JsonObject:
    return object_of(document.body.get("spec"))


def _platforms(document: Document) -> dict[str, JsonObject]:
    return {name: object_of(body) for name, body in object_of(_spec(document).get("platforms")).items()}


def _platform(document: Document, name: str, body: JsonObject) -> PlatformConfig:
    kind = str(body.get("type"))
    span = document.span("spec", "platforms", name)
    given = number_of(object_of(body.get("quota")).get("requestsPerSecond"))
    pace = DEFAULT_REQUESTS_PER_S.get(kind, _CAUTIOUS_REQUESTS_PER_S) if given is None else given
    return PlatformConfig(name, kind, body, pace, span)


def _state(document: Document, diagnostics: list[Diagnostic]) -> StateConfig:
    body = object_of(_spec(document).get("state"))
    backend = str(body.get("backend", "sqlite"))
    if backend == "sqlite":
        return StateConfig(backend, str(body.get("path", StateConfig().path)))
    if backend == "gitref" and "remote" in body and "environment" in body:
        where = "?in=branch" if body.get("in") == "branch" else ""
        return StateConfig(backend, "", f"gitref:{body['remote']}#{body['environment']}{where}")
    url = body.get("url")
    if backend == "postgres" and url is not None:
        return StateConfig(backend, "", url if isinstance(url, str) else None, secret_source({"secret": url}))
    diagnostics.append(STATE_BACKEND.at(document.span("spec", "state", "backend"), _ADDRESS.get(backend, "")))
    return StateConfig(backend, "")


_ADDRESS = {
    "postgres": "Found no `url`. Write `url: postgresql://USER@HOST/DATABASE?schema=ENVIRONMENT`, or {env: NAME}",
    "gitref": "Found no `remote`, or no `environment`. Write `remote: origin` and `environment: production`",
}
