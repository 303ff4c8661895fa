"""The two error families: gateway errors by HTTP status, business errors in answers of HTTP 200.

Source: Aliyun error codes (help document 87387) and gateway errors. No page names the codes of a version conflict, a
read-only property, a bad value or too many items: those under `emulator.` are our placeholders, and nothing may rely on
them.
"""

from __future__ import annotations

GATEWAY = {
    "InvalidTimeStamp.Format": (400, "Specified time stamp or date value is not well formatted."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "SignatureDoesNotMatch": (400, "Specified signature is not matched with our calculation."),
    "IncompleteSignature": (400, "The request signature does not conform to Aliyun standards."),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "InvalidAccessKeyId.Inactive": (400, "Specified access key is disabled."),
    "Forbidden.AccessKeyDisabled": (403, "The access key is disabled."),
    "InvalidSecurityToken.Malformed": (400, "Specified SecurityToken is malformed."),
    "InvalidSecurityToken.Expired": (400, "Specified SecurityToken is expired."),
    "InvalidApi.NotFound": (404, "Specified api is not found, please check your url and method."),
    "InvalidAction.NotFound": (404, "Specified action is not found, please check your url and method."),
    "InvalidVersion": (400, "Specified parameter Version is not valid."),
    "InvalidProtocol.NeedSsl": (404, "Your request is denied as lack of ssl protect."),
    "NoPermission": (403, "The RAM user has no permission for this action."),
    "Forbidden.RAM": (403, "User not authorized to operate on the specified resource."),
    "Throttling.User": (400, "Request was denied due to user flow control."),
    "Throttling.Api": (400, "Request was denied due to api flow control."),
    "Throttling": (400, "Request was denied due to request throttling."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "InternalError": (500, "The request processing has failed due to some unknown error."),
}

BUSINESS = {
    "iot.system.SystemException": "system exception",
    "iot.system.InstanceNotFound": "instance not found",
    "iot.Sre.IotInstanceNotFound": "instance not found",
    "iot.system.UidNotFound": "the account has not activated the service",
    "Iot.system.BillIsOverDue": "the bill is overdue",
    "iot.system.IllegalRequest": "illegal request",
    "iot.common.InvalidPageParams": "invalid page parameters",
    "iot.common.InvalidTenant": "invalid tenant",
    "iot.common.RamActionPermissionDeny": "the RAM user has no permission",
    "iot.common.AuthActionPermissionDeny": "the device belongs to another account",
    "iot.common.QueryDeviceActionError": "querying the device failed",
    "iot.common.QueryDevicePropertyActionError": "querying the properties failed",
    "iot.common.QueryProductActionError": "querying the product failed",
    "iot.prod.NotExistedProduct": "the product does not exist",
    "iot.prod.NullProductKey": "the ProductKey is empty",
    "iot.prod.InvalidFormattedProductkey": "the ProductKey is malformed",
    "iot.prod.QueryProductAbilitiesFailed": "querying the thing model failed",
    "iot.prod.QueryProductAbilityFailed": "querying the thing model failed",
    "iot.device.NotExistedDevice": "the device does not exist",
    "iot.device.InvalidIoTId": "the IotId is invalid",
    "iot.device.NullDeviceName": "the DeviceName is empty",
    "iot.device.InvalidFormattedDeviceName": "the DeviceName is malformed",
    "iot.device.NoneDeviceNameElement": "the list of devices is empty",
    "iot.device.InactiveDevice": "the device was never activated",
    "iot.device.SetDevicePropertyFailed": "setting the properties failed",
    "iot.device.QueryDeviceAttrStatusFailed": "querying the properties failed",
    "iot.device.QueryDeviceStatusFailed": "querying the status failed",
    "iot.device.QueryDeviceListActionError": "querying the devices failed",
    "iot.device.NullDevicePropertyKey": "the tag key is empty",
    "iot.device.NullDevicePropertiesString": "the tags are empty",
    "iot.device.InvalidFormattedDevicePropertyKey": "the tag key is malformed",
    "iot.device.InvalidFormattedDevicePropertiesString": "the tags are malformed",
    "iot.device.LongDevicePropertiesString": "the tags are longer than 5 KB",
    "iot.device.TooManyDevicePropertiesPerTime": "at most 100 tags a call",
    "iot.device.NoneDeviceProperties": "there are no tags",
    "iot.device.SaveOrUpdateDevicePropertiesFailed": "saving the tags failed",
    "iot.device.InvokeThingServiceFailed": "invoking the service failed",
    "iot.messagebroker.RateLimit": "rate limit",
    "iot.messagebroker.OFFLINE": "the device is offline",
    "iot.messagebroker.TIMEOUT": "the device did not answer in time",
    "iot.messagebroker.HALFCONN": "the device is half connected",
    "emulator.desired.VersionMismatch": "the desired version is not the current one",
    "emulator.desired.ReadOnlyProperty": "the property is read-only",
    "emulator.desired.UnknownProperty": "the thing model has no such property",
    "emulator.desired.InvalidValue": "the value does not fit the property",
    "emulator.desired.TooManyItems": "at most 10 properties a call",
    "emulator.desired.RepeatedIdentifier": "an identifier is repeated",
    "emulator.group.NotExisted": "the group does not exist",
}

PLACEHOLDER = "emulator.desired."
"""The prefix of the codes that no page names, which switch `desired_error_code` turns into others."""


class GatewayError(Exception):
    """Refused before the IoT service saw it."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.status, text = GATEWAY.get(code, (400, code))
        self.message = message or text
        super().__init__(self.message)


class BusinessError(Exception):
    """Refused by the IoT service: Success is false."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        text = BUSINESS.get(code, "system exception")
        self.message = f"{text}: {detail}" if detail else text
        super().__init__(self.message)


def missing(name: str) -> GatewayError:
    """The gateway error of an absent parameter."""
    return GatewayError(f"Missing{name}", f"{name} is mandatory for this action.")
