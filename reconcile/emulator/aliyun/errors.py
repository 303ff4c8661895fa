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
    "InvalidSecurityToken.Malformed": (400, "Specified SecurityToken is malformed."),
    "InvalidApi.NotFound": (404, "Specified api is not found, please check your url and method."),
    "InvalidVersion": (400, "Specified parameter Version is not valid."),
    "Throttling.User": (400, "Request was denied due to user flow control."),
    "InternalError": (500, "The request processing has failed due to some unknown error."),
}

BUSINESS = {
    "iot.system.IllegalRequest": "illegal request",
    "iot.system.InstanceNotFound": "instance not found",
    "iot.common.InvalidPageParams": "invalid page parameters",
    "iot.prod.NotExistedProduct": "the product does not exist",
    "iot.prod.NullProductKey": "the ProductKey is empty",
    "iot.device.NotExistedDevice": "the device does not exist",
    "iot.device.InvalidIoTId": "the IotId is invalid",
    "iot.device.NullDeviceName": "the DeviceName is empty",
    "iot.device.NoneDeviceNameElement": "the list of devices is empty",
    "emulator.desired.VersionMismatch": "the desired version is not the current one",
    "emulator.desired.ReadOnlyProperty": "the property is read-only",
    "emulator.desired.UnknownProperty": "the thing model has no such property",
    "emulator.desired.InvalidValue": "the value does not fit the property",
    "emulator.desired.TooManyItems": "at most 10 properties a call",
    "emulator.desired.RepeatedIdentifier": "an identifier is repeated",
}


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
