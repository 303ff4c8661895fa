"""The options of a platform of type `aliyun`, and what the manifest schema cannot say about them.

| option            | e.g.                 | meaning                                                     |
| ----------------- | -------------------- | ----------------------------------------------------------- |
| `region`          | `cn-shanghai`        | or `endpoint`, for a VPC, a private or a compatible edition |
| `instanceId`      | `iot-060a****`       | sent with every call when given                             |
| `signature`       | `acs3`               | or `v1`                                                     |
| `format`          | `json`               | or `xml`, which is answered to `v1` only                    |
| `extraParameters` | `{ServiceCode: iot}` | sent with every call                                        |
| `credentials`     |                      | accessKeyId, accessKeySecret, securityToken (optional)      |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from reconcile.model.values import Json, JsonObject
from reconcile.ports import PlatformConfig, Problem

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_REGION: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]+){1,4}")
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
_OURS: Final = frozenset(
    (
        *("AccessKeyId", "Action", "Format", "SecurityToken", "Timestamp", "Version"),
        *("Signature", "SignatureMethod", "SignatureNonce", "SignatureVersion"),
        *("DeviceName", "FunctionBlockId", "IotId", "IotInstanceId", "Items", "ProductKey", "Versions"),
    )
)


@dataclass(frozen=True, slots=True)
class Options:
    """One account's configuration, read. `is_v1` selects HMAC-SHA1 of the RPC style, else ACS3-HMAC-SHA256."""

    endpoint: str
    region: str | None = None
    instance_id: str | None = None
    is_v1: bool = False
    is_xml: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


def read_options(spec: JsonObject, endpoint: str | None = None) -> Options:
    """The options of a checked configuration; `endpoint` overrides its own. Raises: ValueError when none is known.

    Source: endpoints are `iot.<region>.aliyuncs.com`.
    """
    region = _text(spec.get("region"))
    base = endpoint or _text(spec.get("endpoint")) or (f"https://iot.{region}.aliyuncs.com" if region else None)
    if base is None:
        raise ValueError("neither region nor endpoint")
    extra = spec.get("extraParameters")
    return Options(
        endpoint=base.rstrip("/"),
        region=region,
        instance_id=_text(spec.get("instanceId")),
        is_v1=spec.get("signature") == "v1",
        is_xml=spec.get("format") == "xml",
        extra={name: str(value) for name, value in extra.items()} if isinstance(extra, dict) else {},
    )


def check(config: PlatformConfig) -> list[Problem]:
    """Everything wrong with an entry of `platforms:` of this type."""
    spec = config.spec
    return [
        *_check_endpoint(spec),
        *_check_choice(spec, "signature", ("acs3", "v1")),
        *_check_choice(spec, "format", ("json", "xml")),
        *_check_pairs(spec),
        *_check_extra(spec.get("extraParameters")),
        *_check_credentials(spec.get("credentials")),
    ]


def _problem(detail: str, *, is_warning: bool = False) -> Problem:
    return Problem("RCL410", "platform configuration does not fit together", detail, is_warning=is_warning)


def _check_endpoint(spec: JsonObject) -> list[Problem]:
    endpoint, region = _text(spec.get("endpoint")), _text(spec.get("region"))
    if endpoint is None and region is None:
        return [_problem("Found neither region nor endpoint. Give region, e.g. cn-shanghai.")]
    found: list[Problem] = []
    if region is not None and not _REGION.fullmatch(region):
        found.append(_problem(f"region: found {region[:60]!r}, expected a region id such as cn-shanghai."))
    if endpoint is not None:
        url = _split(endpoint)
        if url is None or url.scheme not in ("http", "https") or not url.hostname or _has_more(url):
            expected = "a scheme, a host and perhaps a port, e.g. https://iot.cn-shanghai.aliyuncs.com"
            found.append(_problem(f"endpoint: found {_without_user(endpoint)!r}, expected {expected}."))
        elif url.scheme == "http" and url.hostname not in _LOOPBACK:
            found.append(_problem("endpoint: plain http shows every value to the network. Use https.", is_warning=True))
    return found


def _split(endpoint: str) -> SplitResult | None:
    from urllib.parse import urlsplit

    try:
        url = urlsplit(endpoint)
        has_port_zero = url.port == 0
    except ValueError:
        return None
    return None if has_port_zero else url


def _has_more(url: SplitResult) -> bool:
    return bool(url.path.strip("/") or url.query or url.fragment or "@" in url.netloc)


def _without_user(endpoint: str) -> str:
    return endpoint.rpartition("@")[2][:80]


def _check_choice(spec: JsonObject, name: str, choices: tuple[str, ...]) -> list[Problem]:
    value = spec.get(name)
    if value is None or value in choices:
        return []
    return [_problem(f"{name}: found {str(value)[:40]!r}, expected {' or '.join(choices)}.")]


def _check_pairs(spec: JsonObject) -> list[Problem]:
    if spec.get("format") == "xml" and spec.get("signature") != "v1":
        return [_problem("format: xml is answered to signature v1 only. Set signature: v1, or leave format out.")]
    return []


def _check_extra(extra: Json) -> list[Problem]:
    if extra is None:
        return []
    if not isinstance(extra, dict) or not all(isinstance(value, (str, int, float)) for value in extra.values()):
        return [_problem("extraParameters: expected names with texts or numbers, e.g. {ServiceCode: iot}.")]
    taken = sorted(extra.keys() & _OURS)
    return [_problem(f"extraParameters: {', '.join(taken)} is set by the program. Leave it out.")] if taken else []


def _check_credentials(credentials: Json) -> list[Problem]:
    given: Mapping[str, Json] = credentials if isinstance(credentials, dict) else {}
    missing = [name for name in ("accessKeyId", "accessKeySecret") if name not in given]
    if not missing:
        return []
    example = f"{missing[0]}: {{env: NAME}}"
    return [_problem(f"credentials: {' and '.join(missing)} missing. Name the variables that hold them: {example}.")]


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
