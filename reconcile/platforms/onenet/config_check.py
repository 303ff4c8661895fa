"""What is wrong with a OneNET entry of `platforms:`, and what it cannot do for a document. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.config import (
    ENDPOINTS,
    PROVIDER,
    Connection,
    connection,
    section,
    uses_master_key,
)
from reconcile.platforms.onenet.model import Api, shown
from reconcile.ports import PlatformConfig, Problem

TOKEN_METHODS = ("md5", "sha1", "sha256")
RESOURCES = {
    Api.CLASSIC: ("products/",),
    Api.STUDIO: ("userid/", "projectid/"),
    Api.CURRENT: ("userid/", "products/", "projects/"),
}
_SUMMARY = "platform configuration does not fit together"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
    side = section(spec, name)
    api, endpoint = side.get("api"), side.get("endpoint")
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


def _problem(detail: str) -> Problem:
    return Problem("RCL410", _SUMMARY, detail)
