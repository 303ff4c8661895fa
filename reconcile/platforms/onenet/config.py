"""A OneNET entry of `platforms:`: which API takes instant calls, which cached ones, and how they are authorised. Pure.

Source: hosts and token versions: NB-IoT book (classic), Studio book api/introduce (studio), security page of the
current platform.
"""

from __future__ import annotations

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.model import Api
from reconcile.ports import PlatformConfig

ENDPOINTS = {
    Api.STUDIO: "https://openapi.heclouds.com",
    Api.CLASSIC: "https://api.heclouds.com",
    Api.CURRENT: "https://iot-api.heclouds.com",
}
DEFAULT_APIS = {"instant": Api.STUDIO, "cached": Api.CLASSIC}
PROVIDER = "provider"
"""In `credentials:` instead of names of keys: one plug-in issues all of them."""


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
    credentials = section(spec, "credentials")
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


def _side(spec: JsonObject, name: str, endpoint: str | None) -> Side:
    api = _api(spec, name)
    own = section(spec, name).get("endpoint")
    return Side(api, (endpoint or (own if isinstance(own, str) else ENDPOINTS[api])).rstrip("/"))


def _api(spec: JsonObject, name: str) -> Api:
    given = section(spec, name).get("api")
    return Api(given) if isinstance(given, str) else DEFAULT_APIS[name]


def section(spec: JsonObject, name: str) -> JsonObject:
    """A member that is an object; empty when it is not there."""
    section = spec.get(name)
    return section if isinstance(section, dict) else {}
