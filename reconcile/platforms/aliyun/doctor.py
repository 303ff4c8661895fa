"""What `doctor` asks of an Aliyun account: which calls we need, what they cost, and which answers mean which trouble.

Source: Aliyun IoT operation pages (limits per second of one account); error codes; gateway errors.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import TYPE_CHECKING, Final

from reconcile.model.device import Identity
from reconcile.model.errors import CallFailed, NotSent
from reconcile.model.examination import (
    Bearing,
    CallUse,
    Capability,
    Finding,
    Mark,
    Probed,
    RateLimit,
    SentCommand,
    Subject,
)
from reconcile.model.observed import Look
from reconcile.platforms.aliyun import wire
from reconcile.platforms.aliyun.answers import Answer
from reconcile.platforms.aliyun.config import read_options
from reconcile.platforms.aliyun.directory.limits import DEVICES_A_STATE
from reconcile.platforms.aliyun.errors import vendor_code
from reconcile.platforms.aliyun.model import Access, Lookup, ThingModels, by_module, split_path
from reconcile.ports import Bench, ClientSettings, Models, PlatformConfig

if TYPE_CHECKING:
    from reconcile.platforms.aliyun.gateway import Gateway

CALLS: Final = (
    CallUse("query_desired", "QueryDeviceDesiredProperty", ("plan", "apply")),
    CallUse("property_status", "QueryDevicePropertyStatus", ("plan", "apply")),
    CallUse("BatchGetDeviceState", "BatchGetDeviceState", ("plan", "apply", "listing")),
    CallUse("device_status", "GetDeviceStatus", ("apply",)),
    CallUse("set_desired", "SetDeviceDesiredProperty", ("apply",), is_mutating=True),
    *(
        CallUse(name, name, ("listing",))
        for name in (
            *("QueryProductList", "QueryDevice", "QueryDeviceByTags"),
            *("BatchQueryDeviceDetail", "QueryDeviceDetail"),
        )
    ),
    CallUse("QueryProduct", "QueryProduct", ("doctor",)),
    CallUse("thing_model", "QueryThingModelPublished", ("doctor",)),
)
"""Clears go through Set with null, so ClearDeviceDesiredProperty is needed by nobody (decision 0008)."""

_LIMIT: Final = RateLimit(50.0, "Aliyun SetDeviceDesiredProperty, QueryDeviceDesiredProperty: 50 QPS")
_SIGNATURE: Final = {
    "SignatureDoesNotMatch": "signature.wrong_secret",
    "IncompleteSignature": "signature.incomplete",
    "InvalidAccessKeyId.NotFound": "signature.unknown_key",
    "InvalidAccessKeyId.Inactive": "signature.disabled_key",
    "Forbidden.AccessKeyDisabled": "signature.disabled_key",
    "InvalidSecurityToken.Expired": "signature.sts_expired",
    "InvalidSecurityToken.Malformed": "signature.sts_malformed",
    "InvalidTimeStamp.Expired": "signature.late",
    "InvalidTimeStamp.Format": "signature.late",
    "SignatureNonceUsed": "signature.replayed",
}
_ACCOUNT: Final = {
    "iot.system.InstanceNotFound": "account.instance",
    "iot.Sre.IotInstanceNotFound": "account.instance",
    "iot.system.UidNotFound": "account.not_activated",
    "Iot.system.BillIsOverDue": "account.overdue",
    "iot.common.AuthActionPermissionDeny": "account.foreign_device",
}
_FORBIDDEN: Final = frozenset(("NoPermission", "Forbidden.RAM", "iot.common.RamActionPermissionDeny"))


class AliyunExaminer:
    """`ports.Examiner` and `ports.ComparesModels` for one account."""

    def __init__(self, config: PlatformConfig, endpoint: str | None) -> None:
        self._options = read_options(config.spec, endpoint)

    def origins(self) -> Sequence[str]:
        """The regional or configured endpoint."""
        return (self._options.endpoint,)

    def calls(self) -> Sequence[CallUse]:
        """Every call of the client and of the examiner."""
        return CALLS

    def limit(self) -> RateLimit:
        """50 calls a second, of Set and of Query alike."""
        return _LIMIT

    def requests_to_look(self, look: Look) -> int:
        """One query for each module and side; presence is shared."""
        return len(by_module(look.paths)) * (look.wants_cloud + look.wants_reported)

    @property
    def devices_a_presence(self) -> int:
        """As many as BatchGetDeviceState takes."""
        return DEVICES_A_STATE

    def lacks_model(self, models: Models, model_key: str, path: str) -> str | None:
        """The product, or the module of a product, whose thing model was not found."""
        assert isinstance(models, ThingModels), "models of another dialect"
        if models.find(model_key, path) is not Lookup.UNMODELLED:
            return None
        module = split_path(path)[0]
        product = f"product {model_key}" if model_key else "devices known by iotId alone"
        return f"{product}, module {module}" if module and model_key in models.products else product

    def safest(self, candidates: Sequence[Bearing]) -> Sequence[Bearing]:
        """Scalars before structures: both only get the value they have."""
        return sorted(candidates, key=lambda each: (isinstance(each.value, (dict, list)), ":" in each.path, each.path))

    def unset_path(self, models: Models, model_key: str, declared: Collection[str]) -> str | None:
        """The first writable property of the thing model that no manifest declares."""
        assert isinstance(models, ThingModels), "models of another dialect"
        product = models.products.get(model_key)
        known = product.properties.values() if product else ()
        free = (each.path for each in known if each.access is Access.READ_WRITE and each.path not in declared)
        return min(free, default=None)

    async def probe(self, settings: ClientSettings, samples: Sequence[Identity], sent: SentCommand | None) -> Probed:
        """The three reads that a plan makes, on one declared device."""
        from reconcile.platforms.aliyun.gateway import Gateway

        del sent  # there is no queue
        gateway = Gateway(settings, self._options)
        try:
            if not samples:
                return Probed([Finding("signature", Mark.SKIPPED, "signature.no_device")])
            return await _probe(gateway, settings, samples[0])
        finally:
            await gateway.close()

    async def compare_models(
        self, settings: ClientSettings, models: Models, model_keys: Sequence[str]
    ) -> Sequence[Finding]:
        """See `ports.ComparesModels`."""
        from reconcile.platforms.aliyun.directory.asking import Asking
        from reconcile.platforms.aliyun.doctor_models import compare
        from reconcile.platforms.aliyun.gateway import Gateway

        assert isinstance(models, ThingModels), "models of another dialect"
        gateway = Gateway(settings, self._options)
        try:
            return await compare(Asking(gateway), models, model_keys)
        finally:
            await gateway.close()

    def prove(self, settings: ClientSettings, subject: Subject, bench: Bench) -> AsyncGenerator[Capability, None]:
        """Versions, clears and listings on one property."""
        from reconcile.platforms.aliyun.doctor_prove import prove

        return prove(settings, self._options, subject, bench)


async def _probe(gateway: Gateway, settings: ClientSettings, sample: Identity) -> Probed:
    device = str(sample)
    calls = (
        ("GetDeviceStatus", wire.device_status(sample)),
        ("QueryDeviceDesiredProperty", wire.query_desired(sample, "", ())),
        ("QueryDevicePropertyStatus", wire.property_status(sample, "")),
    )
    found: list[Finding] = []
    ahead_s: float | None = None
    for name, call in calls:
        try:
            answer = await gateway.ask(call)
        except NotSent as exc:
            found.append(Finding("answer", Mark.PROBLEM, "answer.none", {"call": name, "message": exc.args[0]}))
            break
        except CallFailed as exc:
            found.append(Finding("answer", Mark.PROBLEM, "answer.unusable", {"call": name, "message": exc.args[0]}))
            break
        ahead_s = (gateway.server_now() - settings.now()).total_seconds()
        finding = judge(answer, name, device)
        if finding.topic == "signature" and finding.mark is Mark.PROBLEM:
            found.append(finding)
            break
        if not any(each.topic == "signature" for each in found):
            found.append(Finding("signature", Mark.OK, "signature.accepted", {"call": name}))
        found.append(finding)
    return Probed(found, ahead_s)


def judge(answer: Answer, call: str, device: str) -> Finding:
    """What one answer to a read says about keys, permissions and the device; decided by its code."""
    code = vendor_code(answer) or f"HTTP {answer.http_status}"
    values = {"call": call, "code": code, "device": device}
    if answer.is_success:
        return Finding("permissions", Mark.OK, "permissions.granted", {"call": call})
    if code in _SIGNATURE:
        return Finding("signature", Mark.PROBLEM, _SIGNATURE[code], values)
    if code.startswith(("InvalidAccessKeyId", "InvalidSecurityToken", "Signature", "MissingSecurityToken")):
        return Finding("signature", Mark.PROBLEM, "signature.other", values)
    if code in _FORBIDDEN:
        return Finding("permissions", Mark.PROBLEM, "permissions.refused", values)
    if code in _ACCOUNT:
        return Finding("account", Mark.PROBLEM, _ACCOUNT[code], values)
    if code.startswith(("iot.device.", "iot.prod.")):
        return Finding("account", Mark.PROBLEM, "account.unknown_device", values)
    if code.startswith("Throttling") or code == "iot.messagebroker.RateLimit":
        return Finding("quota", Mark.WARNING, "quota.throttled", values)
    return Finding("answer", Mark.PROBLEM, "answer.unexpected", values)
