"""What the manifest schema cannot say about a platform of type `aliyun`: does it fit together, does it make sense?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from reconcile.model.values import Json, JsonObject
from reconcile.platforms.aliyun import regions
from reconcile.platforms.aliyun.config import WRITES, text
from reconcile.ports import PlatformConfig, Problem

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_REGION: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]+){1,4}")
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
_INSTANCE: Final = re.compile(r"[A-Za-z0-9_*-]{1,64}")
_OURS: Final = frozenset(
    (
        *("AccessKeyId", "Action", "Format", "SecurityToken", "Timestamp", "Version"),
        *("Signature", "SignatureMethod", "SignatureNonce", "SignatureVersion"),
        *("DeviceName", "FunctionBlockId", "IotId", "IotInstanceId", "Items", "ProductKey", "Versions"),
        *("CurrentPage", "GroupId", "ModelVersion", "NextToken", "PageSize", "Simple", "Status"),
        *("Identifier", "Identifies", "Tag"),
    )
)


def check(config: PlatformConfig) -> list[Problem]:
    """Everything wrong with an entry of `platforms:` of this type."""
    spec = config.spec
    return [
        *_check_endpoint(spec),
        *_check_choice(spec, "signature", ("acs3", "v1")),
        *_check_choice(spec, "format", ("json", "xml")),
        *_check_pairs(spec),
        *_check_instance(spec.get("instanceId")),
        *_check_extra(spec.get("extraParameters")),
        *_check_credentials(spec.get("credentials")),
    ]


def _problem(detail: str, *, is_warning: bool = False) -> Problem:
    return Problem("RCL410", "platform configuration does not fit together", detail, is_warning=is_warning)


def _check_endpoint(spec: JsonObject) -> list[Problem]:
    endpoint, region = text(spec.get("endpoint")), text(spec.get("region"))
    if endpoint is None and region is None:
        return [_problem("Found neither region nor endpoint. Give region, e.g. cn-shanghai.")]
    found: list[Problem] = []
    if region is not None and not _REGION.fullmatch(region):
        found.append(_problem(f"region: found {region[:60]!r}, expected a region id such as cn-shanghai."))
    elif region is not None and endpoint is None and (advice := regions.advice(region)) is not None:
        found.append(_problem(f"region: found {region[:60]!r}, which has no documented endpoint. {advice}"))
    if endpoint is not None:
        url = _split(endpoint)
        if url is None or url.scheme not in ("http", "https") or not url.hostname or _has_more(url):
            expected = "a scheme, a host and perhaps a port, e.g. https://iot.cn-shanghai.aliyuncs.com"
            found.append(_problem(f"endpoint: found {_without_user(endpoint)!r}, expected {expected}."))
        elif url.scheme == "http" and url.hostname not in _LOOPBACK:
            found.append(_problem("endpoint: plain http shows every value to the network. Use https.", is_warning=True))
        elif region is not None and regions.region_of(url.hostname) not in (None, region):
            found.append(_problem(f"region {region[:60]} and endpoint {endpoint} differ. Leave one of the two out."))
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


def _check_instance(instance_id: Json) -> list[Problem]:
    if instance_id is None or (isinstance(instance_id, str) and _INSTANCE.fullmatch(instance_id)):
        return []
    found = repr(str(instance_id)[:60])
    return [_problem(f"instanceId: found {found}, expected e.g. iot-060a0m2x. Copy it from the console's overview.")]


def _check_extra(extra: Json) -> list[Problem]:
    if extra is None:
        return []
    if not isinstance(extra, dict) or not all(isinstance(value, (str, int, float)) for value in extra.values()):
        return [_problem("extraParameters: expected names with texts or numbers, e.g. {ServiceCode: iot}.")]
    found: list[Problem] = []
    for name in sorted(extra):
        action, dot, parameter = name.partition(".")
        bare = parameter if dot and action in WRITES else name
        if bare.partition(".")[0] in _OURS:
            found.append(_problem(f"extraParameters: {name} is set by the program. Leave it out."))
        elif "." in bare:
            known = ", ".join(f"{write}.{parameter or 'Expiration'}" for write in WRITES)
            found.append(_problem(f"extraParameters: found {name[:80]!r}; only a write has its own, e.g. {known}."))
    return found


def _check_credentials(credentials: Json) -> list[Problem]:
    given: Mapping[str, Json] = credentials if isinstance(credentials, dict) else {}
    if "provider" in given:
        return []  # it issues all of them
    missing = [name for name in ("accessKeyId", "accessKeySecret") if name not in given]
    if not missing:
        return []
    example = f"{missing[0]}: {{env: NAME}}"
    return [_problem(f"credentials: {' and '.join(missing)} missing. Name the variables that hold them: {example}.")]
