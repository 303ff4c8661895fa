"""What OneNET's error codes mean for a request: one table for each family of calls, as 1, 3 and 7 collide. Data only.

| family  | calls                                            | table                                             |
| ------- | ------------------------------------------------ | ------------------------------------------------- |
| command | /nbiot*, /nb-iot*, LwM2M-online, LwM2M-offline   | NB-IoT book, Error_codes                          |
| devices | /devices* of the classic platform                | multi-protocol book, API result codes             |
| studio  | /application, /common                            | Studio book, api/code (spelled as published)      |
| current | /device/*, /project/*, /thingmodel/*             | numbers seen from the live host, not a whole list |

Assumed: 15 (too fast) and 10403 (keys) may come from every family of their hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from reconcile.model.late import dataclass
from reconcile.platforms.onenet.wire.requests import Family


class Effect(Enum):
    """What a code says of the request. PACE and OFFLINE are refusals: too fast, and the device is not there now."""

    REFUSED = "refused"
    PACE = "pace"
    OFFLINE = "offline"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: its effect and what it means, for a person. `is_account_wide`: it says nothing of the device."""

    effect: Effect
    meaning: str = ""
    is_account_wide: bool = False


_REFUSED, _PACE, _OFFLINE, _IN_DOUBT = Effect.REFUSED, Effect.PACE, Effect.OFFLINE, Effect.IN_DOUBT
UNKNOWN: Final = Entry(_IN_DOUBT)
"""What is not known to be a refusal is in doubt."""

_KEYS: Final = Entry(_REFUSED, "the credentials are not accepted", is_account_wide=True)

COMMAND: Final[Mapping[str, Entry]] = {
    "1": Entry(_REFUSED, "the key does not belong to this device, or the platform does not know the device"),
    "3": Entry(_REFUSED, "a parameter is missing, or the credentials are not accepted"),
    "7": Entry(_IN_DOUBT, "internal error of the platform"),
    "15": Entry(_PACE, "too many calls per second"),
    "2001": Entry(_OFFLINE, "the device is not online"),
    "5006": Entry(_REFUSED, "a limit of the platform, perhaps the 10 cached commands of a device"),
    "5106": Entry(_IN_DOUBT, "the device did not succeed"),
    "5108": Entry(_IN_DOUBT, "invalid parameter, or an error between platform and device"),
    "5117": Entry(_IN_DOUBT, "internal error of the platform"),
    "10403": _KEYS,
    "10415": Entry(_IN_DOUBT, "the service call failed"),
}

DEVICES: Final[Mapping[str, Entry]] = {
    "1": Entry(_IN_DOUBT, "internal error of the platform"),
    "2": Entry(_REFUSED, "no api-key was given", is_account_wide=True),
    "3": _KEYS,
    "4": Entry(_REFUSED, "the body is no JSON"),
    "5": Entry(_REFUSED, "the body is too large"),
    "6": Entry(_REFUSED, "invalid parameter"),
    "7": Entry(_REFUSED, "a parameter is missing"),
    "8": Entry(_REFUSED, "the platform knows no such device"),
    "9": Entry(_REFUSED, "the body is missing"),
    "10": Entry(_OFFLINE, "the device is not online"),
    "11": Entry(_REFUSED, "it exists already"),
    "12": Entry(_REFUSED, "it exists already"),
    "13": Entry(_REFUSED, "a limit of the platform"),
    "14": Entry(_IN_DOUBT, "network latency"),
    "15": Entry(_PACE, "too many calls per second"),
    "16": Entry(_IN_DOUBT, "no success"),
    "17": Entry(_IN_DOUBT, "internal error of the NB-IoT service"),
    "18": Entry(_IN_DOUBT, "internal error of a service"),
    "19": Entry(_REFUSED, "the account may have no more devices"),
    "20": Entry(_REFUSED, "more than 1000 devices in one call"),
    "21": Entry(_REFUSED, "a field of the device does not fit"),
    "22": Entry(_REFUSED, "invalid protocol"),
    "23": Entry(_REFUSED, "it holds words that are not allowed"),
}

STUDIO: Final[Mapping[str, Entry]] = {
    "authPermissionDeny": _KEYS,
    "resourePermissionDeny": Entry(_REFUSED, "the token's resource may not do this", is_account_wide=True),
    "parameterRequired": Entry(_REFUSED, "a parameter is missing"),
    "parameterMissing": Entry(_REFUSED, "a parameter is missing"),
    "invalidParameter": Entry(_REFUSED, "invalid parameter"),
    "projectNotFound": Entry(_REFUSED, "there is no such project; see projectId of the platform", is_account_wide=True),
    "projectGetFailed": Entry(_IN_DOUBT, "the project could not be read"),
    "productNotFound": Entry(_REFUSED, "there is no such product in the project", is_account_wide=True),
    "productHasNoDevice": Entry(_REFUSED, "the product has no device"),
    "deviceNotFound": Entry(_REFUSED, "there is no such device in the project"),
    "setPropertyFailed": Entry(_IN_DOUBT, "the device did not take the property"),
    "setDesiredPeropertyFailed": Entry(_IN_DOUBT, "the desired values were not set"),
    "queryDesiredProperyFailed": Entry(_IN_DOUBT, "the desired values could not be read"),
    "deleteDesiredPeropertyFailed": Entry(_IN_DOUBT, "the desired values were not deleted, perhaps for their version"),
    "getTmProperties": Entry(_IN_DOUBT, "the properties could not be read"),
    "callTmService": Entry(_IN_DOUBT, "the service call failed"),
    "queryCurrentData": Entry(_IN_DOUBT, "the latest data could not be read"),
}

CURRENT: Final[Mapping[str, Entry]] = {
    "15": Entry(_PACE, "too many calls per second"),
    "10403": _KEYS,
    "10415": Entry(_IN_DOUBT, "the service call failed"),
    "10417": Entry(_REFUSED, "the product has no thing model"),
}

TABLES: Final[Mapping[Family, Mapping[str, Entry]]] = {
    Family.COMMAND: COMMAND,
    Family.DEVICES: DEVICES,
    Family.STUDIO: STUDIO,
    Family.CURRENT: CURRENT,
}

REASONS: Final[Mapping[str, Entry]] = {
    "METHOD_NOT_ALLOWED": Entry(_REFUSED, "the device does not allow this on the resource"),
    "FORBIDDEN": Entry(_OFFLINE, "the device is not registered"),
    "NOT_FOUND": Entry(_REFUSED, "the device has no such object or resource"),
    "INTERNAL_SERVER_ERROR": Entry(_IN_DOUBT, "the device answered with an error"),
    "TIME_OUT": Entry(_IN_DOUBT, "the device did not answer in time"),
    # The platform could not encode the value (FAQ#49); there is no documented way for it to have had an effect.
    "REQ_PARAM_ERROR": Entry(_REFUSED, "the value does not fit the type of the resource"),
    "RESP_ERROR": Entry(_IN_DOUBT, "the device's answer cannot be read"),
    "UNAUTHORIZED": Entry(_REFUSED, "the device refuses access"),
    "BAD_REQUEST": Entry(_REFUSED, "the device calls the request malformed"),
    "NOT_ACCEPTABLE": Entry(_REFUSED, "the device has no format to answer in"),
    "UNSUPPORTED_CONTENT_FORMAT": Entry(_REFUSED, "the device does not know the format"),
    "OFFLINE": Entry(_OFFLINE, "the device is not registered"),
    "ADDR_OCCUPIED": Entry(_IN_DOUBT, "another device has taken the address"),
}
"""Sub-reasons of 5106, by name; FORBIDDEN and OFFLINE say that the device is not there."""
