"""The options of a platform of type `aliyun`.

| option            | e.g.                 | meaning                                                     |
| ----------------- | -------------------- | ----------------------------------------------------------- |
| `region`          | `cn-shanghai`        | or `endpoint`, for a VPC, a private or a compatible edition |
| `instanceId`      | `iot-060a****`       | sent with every call when given                             |
| `signature`       | `acs3`               | or `v1`                                                     |
| `format`          | `json`               | or `xml`, which is answered to `v1` only                    |
| `extraParameters` | `{ServiceCode: iot}` | sent with every call, or with the write that is named       |
| `credentials`     |                      | accessKeyId, accessKeySecret, securityToken (optional)      |

An extra parameter of one write alone is written `SetDeviceDesiredProperty.Expiration`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.aliyun import regions

WRITES: Final = ("SetDeviceDesiredProperty", "ClearDeviceDesiredProperty")
"""The calls that may have extra parameters of their own, named `Action.Parameter`."""


@dataclass(frozen=True, slots=True)
class Options:
    """One account's configuration, read. `is_v1` selects HMAC-SHA1 of the RPC style, else ACS3-HMAC-SHA256.

    extra: parameters of every call. extra_of: those of one action, by its name.
    """

    endpoint: str
    region: str | None = None
    instance_id: str | None = None
    is_v1: bool = False
    is_xml: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    extra_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_options(spec: JsonObject, endpoint: str | None = None) -> Options:
    """The options of a checked configuration; `endpoint` overrides its own. Raises: ValueError when none is known."""
    region = text(spec.get("region"))
    base = endpoint or text(spec.get("endpoint")) or (regions.endpoint_of(region) if region else None)
    if base is None:
        raise ValueError("neither region nor endpoint")
    given = spec.get("extraParameters")
    extra = {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    return Options(
        endpoint=base.rstrip("/"),
        region=region,
        instance_id=text(spec.get("instanceId")),
        is_v1=spec.get("signature") == "v1",
        is_xml=spec.get("format") == "xml",
        extra={name: value for name, value in extra.items() if "." not in name},
        extra_of={
            action: {name.partition(".")[2]: value for name, value in extra.items() if name.startswith(f"{action}.")}
            for action in WRITES
        },
    )


def text(value: Json) -> str | None:
    """A text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None
