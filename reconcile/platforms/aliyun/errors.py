"""What a failed call means, decided by its code and never by its text.

| verdict   | members                                                          | then                                |
| --------- | ---------------------------------------------------------------- | ----------------------------------- |
| THROTTLED | `Throttling*` under any status, `iot.messagebroker.RateLimit`    | refused, with a pause               |
| RESIGN    | `SignatureNonceUsed`, `InvalidTimeStamp.Expired`                 | signed anew, once                   |
| REFUSED   | documented codes that name the caller, the device or the request | refused                             |
| IN_DOUBT  | any 5xx, `ServiceUnavailable`, `InternalError`, SystemException  | in doubt                            |
| UNPROVEN  | every other code, documented or not                              | a write is read back; else in doubt |

Premise: no page names the code of a version conflict, of a read-only property or of a bad value.
Rule: only codes under which the desired values cannot have been touched are refusals; all others are settled by state.
Source: Aliyun IoT error codes; gateway errors of RPC products, where statuses differ, so the code decides.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from reconcile.platforms.aliyun.advice import advice_for
from reconcile.platforms.aliyun.answers import Answer


class Verdict(Enum):
    """See the table above."""

    THROTTLED = "throttled"
    RESIGN = "resign"
    REFUSED = "refused"
    IN_DOUBT = "in doubt"
    UNPROVEN = "unproven"


_RESIGN: Final = frozenset(("SignatureNonceUsed", "InvalidTimeStamp.Expired"))
_IN_DOUBT: Final = frozenset(("ServiceUnavailable", "InternalError", "iot.system.SystemException"))
_ACCOUNT: Final = frozenset(
    (
        # the gateway: signature, key, token, address
        *("SignatureDoesNotMatch", "IncompleteSignature", "InvalidTimeStamp.Format"),
        *("InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "Forbidden.AccessKeyDisabled"),
        *("InvalidSecurityToken.Expired", "InvalidSecurityToken.Malformed"),
        *("InvalidApi.NotFound", "InvalidAction.NotFound", "InvalidVersion", "InvalidProtocol.NeedSsl"),
        *("NoPermission", "Forbidden.RAM"),
        # the service: instance, account, permission, product
        *("iot.system.InstanceNotFound", "iot.Sre.IotInstanceNotFound"),
        *("iot.system.UidNotFound", "Iot.system.BillIsOverDue", "iot.common.InvalidTenant"),
        *("iot.common.RamActionPermissionDeny", "iot.common.AuthActionPermissionDeny"),
        *("iot.prod.NotExistedProduct", "iot.prod.NullProductKey", "iot.prod.InvalidFormattedProductkey"),
    )
)
"""Refusals that would meet any device alike."""
_REFUSED: Final = _ACCOUNT | frozenset(
    (
        *("iot.device.NotExistedDevice", "iot.device.InvalidIoTId"),
        *("iot.device.NullDeviceName", "iot.device.InvalidFormattedDeviceName", "iot.device.NoneDeviceNameElement"),
        "iot.common.InvalidPageParams",
    )
)
_ASK_AGAIN: Final = frozenset(
    (
        *("iot.common.QueryDeviceActionError", "iot.common.QueryDevicePropertyActionError"),
        *(
            "iot.common.QueryProductActionError",
            "iot.prod.QueryProductAbilitiesFailed",
            "iot.prod.QueryProductAbilityFailed",
        ),
        *("iot.device.QueryDeviceAttrStatusFailed", "iot.device.QueryDeviceStatusFailed"),
        *("iot.device.QueryDeviceListActionError", "iot.messagebroker.TIMEOUT", "iot.messagebroker.HALFCONN"),
    )
)
"""Queries that failed, which a second try may mend."""
_SILENT: Final = ("Signature", "IncompleteSignature", "InvalidAccessKeyId", "InvalidSecurityToken")
"""Codes whose text repeats the string to sign, and with it the key's name and every value of the request."""

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_TEXT_LIMIT: Final = 120


def judge(answer: Answer) -> Verdict:
    """What an answer without success means for the request that it answers."""
    code = answer.code
    if code.startswith("Throttling") or code == "iot.messagebroker.RateLimit":
        return Verdict.THROTTLED
    if code in _RESIGN:
        return Verdict.RESIGN
    if code in _IN_DOUBT or answer.http_status >= 500:
        return Verdict.IN_DOUBT
    if code in _REFUSED or (code.startswith("Missing") and answer.http_status == 400):
        return Verdict.REFUSED
    return Verdict.UNPROVEN


def is_account_wide(code: str) -> bool:
    """True for a refusal that tells of keys, permission, payment, instance or product, and nothing of the device."""
    return code in _ACCOUNT or code in _RESIGN


def may_concern_parameters(code: str) -> bool:
    """True for a refusal that another choice of parameters might avoid; false where caller or device are refused."""
    return not (code in _REFUSED or code in _RESIGN or code in _IN_DOUBT or code.startswith(("Throttling", "Missing")))


def may_ask_again(answer: Answer) -> bool:
    """True when a read that failed so may succeed a moment later."""
    return judge(answer) in (Verdict.THROTTLED, Verdict.IN_DOUBT) or answer.code in _ASK_AGAIN


def describe(answer: Answer, *, is_text_kept: bool = True, otherwise: str = "") -> str:
    """Code and the vendor's words, short and printable, then what to do about it where a table knows, or `otherwise`.

    The words are left out where they repeat the request.
    """
    code = vendor_code(answer) or f"HTTP {answer.http_status} without a code"
    text = _CONTROL.sub(" ", answer.text).strip()
    has_text = bool(text) and is_text_kept and not code.startswith(_SILENT)
    told = f"{code}: {text[:_TEXT_LIMIT]}" if has_text else code
    advice = advice_for(code) or otherwise
    return f"{told.rstrip('. ')}. {advice}" if advice else told


def vendor_code(answer: Answer) -> str:
    """The code, when it looks like one."""
    return answer.code if _CODE.fullmatch(answer.code) else ""
