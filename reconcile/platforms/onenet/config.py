"""A OneNET entry of `platforms:`: which API takes instant calls, which cached ones, and how they are authorised. Pure.

Source: hosts and token versions: NB-IoT book (classic), Studio book api/introduce (studio), security page of the
current platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.model import Api, shown
from reconcile.ports import PlatformConfig, Problem

ENDPOINTS = {
    Api.STUDIO: "https://openapi.heclouds.com",
    Api.CLASSIC: "https://api.heclouds.com",
    Api.CURRENT: "https://iot-api.heclouds.com",
}
DEFAULT_APIS = {"instant": Api.STUDIO, "cached": Api.CLASSIC}
TOKEN_METHODS = ("md5", "sha1", "sha256")
RESOURCES = {
    Api.CLASSIC: ("products/",),
    Api.STUDIO: ("userid/", "projectid/"),
    Api.CURRENT: ("userid/", "products/", "projects/"),
}
_SUMMARY = "platform configuration does not fit together"
PROVIDER = "provider"
"""In `credentials:` instead of names of keys: one plug-in issues all of them."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Side:
    """One API and the origin it is reached at."""

    api: Api
    endpoint: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A whole entry, with defaults filled in. `credential_names` are those the manifest gives."""

    instant: Side
    cached: Side
    resource: str
    token_method: str
    credential_names: frozenset[str]
    project_id: str | None = None
    has_named_resource: bool = False

    @property
    def apis(self) -> tuple[Api, ...]:
        """The APIs that are called, each once."""
        return tuple(dict.fromkeys((self.instant.api, self.cached.api)))

    @property
    def inspects(self) -> bool:
        """True when cached commands can be listed and withdrawn, without which none may be queued."""
        return self.cached.api is not Api.STUDIO

    @property
    def things(self) -> Side | None:
        """Where thing models and their desired properties live: current, or Studio with its project; else None."""
        sides = (self.cached, self.instant)
        current = next((side for side in sides if side.api is Api.CURRENT), None)
        studio = next((side for side in sides if side.api is Api.STUDIO and self.project_id), None)
        return current or studio

    def side(self, *apis: Api) -> Side | None:
        """The first of those APIs that this entry calls, the cached side before the instant one."""
        sides = (self.cached, self.instant)
        return next((side for api in apis for side in sides if side.api is api), None)


def connection(config: PlatformConfig, endpoint: str | None = None) -> Connection:
    """The entry as we use it; `endpoint` overrides both origins. Assumes that `problems` found no error."""
    spec = config.spec
    credentials = _section(spec, "credentials")
    resource, method, project = credentials.get("resource"), spec.get("tokenMethod"), spec.get("projectId")
    return Connection(
        _side(spec, "instant", endpoint),
        _side(spec, "cached", endpoint),
        resource if isinstance(resource, str) else "",
        method if isinstance(method, str) else "sha1",
        frozenset({*credentials, "accessKey"} if "provider" in credentials else credentials),
        project if isinstance(project, str) and project else _project_of(resource),
        has_named_resource=isinstance(resource, dict),
    )


def _project_of(resource: Json) -> str | None:
    """The project that a token's resource names: `projectid/ocgzVU/groupid/1` (studio), `projects/ocgzVU` (current)."""
    kind, *names = resource.split("/") if isinstance(resource, str) else [""]
    return names[0] if kind in ("projectid", "projects") and names and names[0] else None


def uses_master_key(found: Connection) -> bool:
    """True when the classic API is called with the api-key header, which needs no token.

    A provider that issues all keys is asked for the master key of a classic API.
    """
    return bool(found.credential_names & {"masterKey", PROVIDER})


def needed_credentials(config: PlatformConfig) -> tuple[str, ...]:
    """The credentials without which no call can be made."""
    found = connection(config)
    names = {"masterKey" if api is Api.CLASSIC and uses_master_key(found) else "accessKey" for api in found.apis}
    if "accessKey" in names and not found.resource:
        names.add("resource")  # it comes from where the keys come from
    return tuple(sorted(names))


def problems(config: PlatformConfig) -> Sequence[Problem]:
    """What the schema cannot say: APIs, origins and credentials that do not fit together."""
    found = [problem for name in ("instant", "cached") for problem in _side_problems(config.spec, name)]
    method = config.spec.get("tokenMethod", "sha1")
    if method not in TOKEN_METHODS:
        found.append(_problem(f"tokenMethod is {shown(str(method))}, expected one of: {', '.join(TOKEN_METHODS)}."))
    if found and not all(problem.is_warning for problem in found):
        return found
    entry = connection(config)
    return [*found, *_credential_problems(entry)]


def queue_problems(config: PlatformConfig, mode: str) -> Sequence[Problem]:
    """Why commands may not be queued on that entry: what cannot be listed and withdrawn cannot be recovered."""
    if connection(config).inspects:
        return ()
    return (
        _problem(
            f"cached.api of {config.name} is studio, which can queue commands but can neither list nor cancel them, "
            f"and `delivery.mode` is {mode} here. Set cached.api to classic (api.heclouds.com) or current "
            "(iot-api.heclouds.com), where instant.api may stay studio; or write `delivery: {mode: now}`."
        ),
    )


def thing_problems(config: PlatformConfig) -> Sequence[Problem]:
    """Why that entry cannot serve devices with a thing model."""
    if connection(config).things is not None:
        return ()
    return (
        _problem(
            f"{config.name} has no API for thing models (devices by productId): it takes current "
            "(iot-api.heclouds.com), or studio (openapi.heclouds.com) with the project in `projectId`."
        ),
    )


def _credential_problems(entry: Connection) -> Sequence[Problem]:
    found: list[Problem] = []
    for api in entry.apis:
        if api is Api.CLASSIC and uses_master_key(entry):
            continue
        forms = " or ".join(f"{form}..." for form in RESOURCES[api])
        classic = ", or give masterKey" if api is Api.CLASSIC else ""
        if not entry.credential_names & {"accessKey", PROVIDER}:
            found.append(_problem(f"The {api} API needs credentials.accessKey and credentials.resource{classic}."))
        elif entry.has_named_resource:
            continue  # a variable or a file holds it, or a provider issues it alone
        elif not entry.resource.startswith(RESOURCES[api]):
            given = f"is {shown(entry.resource)}" if entry.resource else "is missing"
            found.append(_problem(f"credentials.resource {given}; tokens of the {api} API need {forms}{classic}."))
    return found


def _side_problems(spec: JsonObject, name: str) -> Sequence[Problem]:
    section = _section(spec, name)
    api, endpoint = section.get("api"), section.get("endpoint")
    found: list[Problem] = []
    if api is not None and api not in tuple(Api):
        found.append(_problem(f"{name}.api is {shown(str(api))}, expected one of: {', '.join(Api)}."))
    if endpoint is None:
        return found
    parts = _origin(endpoint)
    if parts is None:
        found.append(
            _problem(
                f"{name}.endpoint is {shown(str(endpoint))}, expected an address without query, e.g. "
                f"{ENDPOINTS[Api.CURRENT]}."
            )
        )
    elif parts[0] == "http" and parts[1] not in _LOOPBACK:
        detail = f"{name}.endpoint is {shown(str(endpoint))}: keys and values travel in the clear. Use https://."
        found.append(Problem("RCL410", _SUMMARY, detail, is_warning=True))
    return found


def _origin(endpoint: Json) -> tuple[str, str] | None:
    """Scheme and host of an address."""
    if not isinstance(endpoint, str):
        return None
    try:
        parts = urlsplit(endpoint)
        port_is_readable = parts.port != 0
    except ValueError:
        return None
    extra = parts.query or parts.fragment or parts.username
    if parts.scheme not in ("http", "https") or not parts.hostname or extra or not port_is_readable:
        return None
    return parts.scheme, parts.hostname


def _side(spec: JsonObject, name: str, endpoint: str | None) -> Side:
    api = _api(spec, name)
    own = _section(spec, name).get("endpoint")
    return Side(api, (endpoint or (own if isinstance(own, str) else ENDPOINTS[api])).rstrip("/"))


def _api(spec: JsonObject, name: str) -> Api:
    given = _section(spec, name).get("api")
    return Api(given) if isinstance(given, str) else DEFAULT_APIS[name]


def _section(spec: JsonObject, name: str) -> JsonObject:
    section = spec.get(name)
    return section if isinstance(section, dict) else {}


def _problem(detail: str) -> Problem:
    return Problem("RCL410", _SUMMARY, detail)
