"""What a person does about an error code, where the documents let us say.

Source: Aliyun IoT error codes; gateway errors of RPC products; common parameters.
"""

from __future__ import annotations

from typing import Final

_KEY: Final = "Check accessKeyId, and securityToken where the key is temporary: an expired one is not found either"
_RENEW: Final = "Get a new STS token, and set key, secret and token together"
_RAM: Final = "Grant the RAM user this call; `reconcile doctor` lists the calls that are needed"
_INSTANCE: Final = "Set instanceId to the ID on the console's overview page, or leave it out where there is none"
_PRODUCT: Final = "Copy the productKey from the console's product page"
_DEVICE: Final = "Compare productKey and deviceName with the console, and instanceId when there are several instances"
_CLOCK: Final = "Set this machine's clock; requests may be 15 minutes off at most"
_PACE: Final = "Lower quota.requestsPerSecond if this comes often: the limit is shared by the account's users"
_ACCOUNT: Final = "Activate or pay the service in the console"
_ADDRESS: Final = "Check region or endpoint: the address answers for another product or edition"

_ADVICE: Final = {
    "SignatureDoesNotMatch": "Check accessKeySecret and `signature`",
    "IncompleteSignature": "Check accessKeySecret and `signature`",
    "InvalidAccessKeyId.NotFound": _KEY,
    "InvalidAccessKeyId.Inactive": "Enable the access key in the RAM console, or use another",
    "Forbidden.AccessKeyDisabled": "Enable the access key in the RAM console, or use another",
    "InvalidSecurityToken.Expired": _RENEW,
    "InvalidSecurityToken.Malformed": _RENEW,
    "InvalidTimeStamp.Expired": _CLOCK,
    "InvalidTimeStamp.Format": "Report this: it is a fault of the program",
    "InvalidApi.NotFound": _ADDRESS,
    "InvalidAction.NotFound": _ADDRESS,
    "InvalidVersion": _ADDRESS,
    "InvalidProtocol.NeedSsl": "Use an endpoint with https",
    "NoPermission": _RAM,
    "Forbidden.RAM": _RAM,
    "MissingIotInstanceId": _INSTANCE,
    "Throttling": _PACE,
    "Throttling.User": _PACE,
    "Throttling.Api": _PACE,
    "iot.messagebroker.RateLimit": _PACE,
    "iot.system.InstanceNotFound": _INSTANCE,
    "iot.Sre.IotInstanceNotFound": _INSTANCE,
    "iot.system.UidNotFound": _ACCOUNT,
    "Iot.system.BillIsOverDue": _ACCOUNT,
    "iot.common.InvalidTenant": _ACCOUNT,
    "iot.common.RamActionPermissionDeny": _RAM,
    "iot.common.AuthActionPermissionDeny": "The device belongs to another account: check keys and deviceName",
    "iot.prod.NotExistedProduct": _PRODUCT,
    "iot.prod.NullProductKey": _PRODUCT,
    "iot.prod.InvalidFormattedProductkey": _PRODUCT,
    "iot.device.NotExistedDevice": _DEVICE,
    "iot.device.InvalidIoTId": "Copy the iotId from the console's device page, or name productKey and deviceName",
    "iot.device.NullDeviceName": _DEVICE,
    "iot.device.InvalidFormattedDeviceName": _DEVICE,
    "iot.device.InactiveDevice": "The device was never connected; plan it once it has been",
}


def advice_for(code: str) -> str:
    """A sentence without its full stop, or nothing."""
    return _ADVICE.get(code, "")
