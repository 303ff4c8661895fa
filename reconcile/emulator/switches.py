"""Questions the vendors' pages leave open, each with its possible answers.

The default is the reading we hold most likely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.emulator.messages import Json


class SwitchError(ValueError):
    """An unknown switch or an answer it does not have."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One open question. `choices[0]` is the default; `reference` is the documentation it hangs on."""

    name: str
    choices: tuple[str, ...]
    about: str
    reference: str


SWITCHES: tuple[Switch, ...] = (
    Switch(
        "cached_limit",
        ("refuse", "evict"),
        "The 11th waiting cached command of a device is refused with 5006, or pushes out the oldest.",
        "OneNET NB-IoT book, FAQ api#5: 10 cached commands per device, nothing on the 11th",
    ),
    Switch(
        "uplink_releases",
        ("all", "one"),
        "One uplink releases all due cached commands in creation order, or only the first.",
        "OneNET NB-IoT book, FAQ#171, silent on the number",
    ),
    Switch(
        "retry_position",
        ("keep", "back"),
        "A command to be retried keeps its place in the order, or goes behind newer ones.",
        "OneNET NB-IoT book, nothing said; release note 2019-07 on out-of-order delivery",
    ),
    Switch(
        "notify_retries",
        ("no", "yes"),
        "Whether a NOTIFY triggers a retry, as UPDATE and REGISTER do.",
        "OneNET NB-IoT book, list/10 names update and online only",
    ),
    Switch(
        "between_retries",
        ("wait", "sent"),
        "send_status between attempts: 1 (wait) or 3 (sent).",
        "OneNET NB-IoT book, list/12, not said",
    ),
    Switch(
        "negative_answer",
        ("delivered", "failed"),
        "A device's definite refusal ends a cached command as send_status 5 or 6.",
        "OneNET NB-IoT book, list/13: cmd_result only with SUCCESS; relation of 5 and 6 not said",
    ),
    Switch(
        "cancel_after_valid_time",
        ("allow", "refuse"),
        "Whether a command that still waits may be cancelled once its valid_time has come.",
        "OneNET NB-IoT book, list/14 against list/33",
    ),
    Switch(
        "mode1_destructive",
        ("no", "yes"),
        "Whether write mode 1 deletes the other resources of the instance.",
        "OneNET NB-IoT book, FAQ api#2 against the vendor's device SDK",
    ),
    Switch(
        "write_atomic",
        ("no", "yes"),
        "Whether a device applies a multi-resource write whole or resource by resource.",
        "cm-heclouds/nbiot_sdk source/resource.c writes one by one",
    ),
    Switch(
        "opaque_number",
        ("refuse", "accept"),
        "Whether a type 1 (opaque) value may be a number.",
        "OneNET, write device resources: one example prints 121, the text says hexadecimal string",
    ),
    Switch(
        "opaque_read",
        ("bytes", "hex"),
        "How an instant read shows an opaque value.",
        "OneNET NB-IoT book, list/9: bin2hex exists for cached reads only",
    ),
    Switch(
        "time_read",
        ("ms", "s"),
        "Unit in which a read shows a time resource.",
        "OneNET NB-IoT book, list/4: sample for 3/0/13 is in milliseconds",
    ),
    Switch(
        "error_text",
        ("colon", "bare"),
        "Error text of 5106: `unsuccess:TIME_OUT` or only `UNSUCESS`.",
        "OneNET NB-IoT book, FAQ-P#45; Error_codes",
    ),
    Switch(
        "remain_type",
        ("int", "string"),
        "Type of `remain` in the history.",
        "OneNET NB-IoT book, list/12: table against sample",
    ),
    Switch(
        "history_zone",
        ("beijing", "utc"),
        "Zone of start and end in the history, and of valid_time and expired_time.",
        "OneNET NB-IoT book, list/1 and the trace sample: Beijing time",
    ),
    Switch(
        "g3_envelope",
        ("errno", "code"),
        "Envelope of /nb-iot answers: errno/error/data or code/msg/request_id/data.",
        "OneNET current platform, API list (detail/1483)",
    ),
    Switch(
        "studio_gateway",
        ("patient", "10s"),
        "Whether Studio's gateway gives up with HTTP 504 after 10 s, before a longer command timeout has run out.",
        "OneNET Studio, use limits: API timeout 10 s, against write device resources: timeout up to 40 s",
    ),
    Switch(
        "device_token_on_g3",
        ("refuse", "accept"),
        "Whether /nb-iot accepts device-level tokens of version 2018-10-31.",
        "OneNET security page (2026-04): only 2022-05-01 is supported; public clients disagree",
    ),
    Switch(
        "version_after_clear",
        ("zero", "keeps", "counts"),
        "Desired version after a clear: 0 again, unchanged, or one more.",
        'Aliyun ClearDeviceDesiredProperty, example {"temperature":0}',
    ),
    Switch(
        "null_version",
        ("zero", "keeps", "counts"),
        "Desired version after a null through SetDeviceDesiredProperty.",
        "Aliyun SetDeviceDesiredProperty, Items: null clears",
    ),
    Switch(
        "set_atomic",
        ("yes", "no"),
        "Whether a Set with one bad item changes nothing, or applies the good ones and still fails.",
        "Aliyun SetDeviceDesiredProperty, Versions: the server rejects this request",
    ),
    Switch(
        "same_value_raises_version",
        ("yes", "no"),
        "Whether setting the value that is already there raises the version.",
        "Aliyun SetDeviceDesiredProperty, Versions: one more with every set",
    ),
    Switch(
        "versions_required",
        ("yes", "no"),
        "Whether a Set without the Versions parameter is refused.",
        "Aliyun API description (required) against the older page (optional)",
    ),
    Switch(
        "versions_subset",
        ("allow", "refuse"),
        "Whether Versions may name fewer properties than Items.",
        "Aliyun SetDeviceDesiredProperty, Versions",
    ),
    Switch(
        "answer_versions",
        ("items", "all"),
        "Whether Data.Versions lists the properties of the call or all.",
        "Aliyun SetDeviceDesiredProperty, returned data",
    ),
    Switch(
        "unset_listed",
        ("yes", "no"),
        "Whether a property never set is listed, without Value, by QueryDeviceDesiredProperty.",
        "Aliyun QueryDeviceDesiredProperty",
    ),
    Switch(
        "module_identifier",
        ("bare", "prefixed"),
        "Identifier in answers to queries with FunctionBlockId.",
        "Aliyun QueryDeviceDesiredProperty, FunctionBlockId",
    ),
    Switch(
        "float_text",
        ("trimmed", "as_written"),
        'A whole float 35.0 comes back as "35" or as "35.0".',
        'Aliyun QueryDeviceDesiredProperty, example "35" for a float',
    ),
    Switch(
        "exponent_without_point",
        ("refuse", "accept"),
        "Whether `1e+16` counts as a float with a decimal digit.",
        "Aliyun SetDeviceDesiredProperty, Items: at least one decimal digit",
    ),
    Switch(
        "step_checked",
        ("no", "yes"),
        "Whether a value must be a whole number of steps above the minimum.",
        "Aliyun TSL parameters: step",
    ),
    Switch(
        "aliyun_quota",
        ("off", "enforced"),
        "Whether calls above the documented rate per second are throttled.",
        "Aliyun operation pages: QPS limit of one account",
    ),
    Switch(
        "copy_nonce",
        ("checked", "ignored"),
        "Whether a copy made by a fault is caught by its nonce, or was made behind the gateway.",
        "Aliyun common parameters, SignatureNonce",
    ),
    Switch(
        "timestamp_clock",
        ("emulator", "either"),
        (
            "Request timestamps are held against the emulator's clock, or also against it without the hours "
            "that were skipped (for SDKs that know only real time)."
        ),
        "Aliyun InvalidTimeStamp.Expired: 15 minutes",
    ),
)

_BY_NAME = {switch.name: switch for switch in SWITCHES}


def settings(changes: Mapping[str, Json], onto: Mapping[str, str] | None = None) -> dict[str, str]:
    """All switches with `changes` applied to `onto` (the defaults when absent). Raises SwitchError."""
    values = dict(onto) if onto is not None else {switch.name: switch.choices[0] for switch in SWITCHES}
    for name, value in changes.items():
        if name not in _BY_NAME:
            raise SwitchError(f"unknown switch {name!r}; known: {', '.join(sorted(_BY_NAME))}")
        if value not in _BY_NAME[name].choices:
            raise SwitchError(f"switch {name} is {' or '.join(_BY_NAME[name].choices)}, not {value!r}")
        values[name] = value
    return values


def views(values: Mapping[str, str]) -> list[dict[str, Json]]:
    """Every switch with its value, choices, meaning and documentation."""
    return [
        {
            "name": switch.name,
            "value": values[switch.name],
            "default": switch.choices[0],
            "choices": list(switch.choices),
            "about": switch.about,
            "reference": switch.reference,
        }
        for switch in SWITCHES
    ]
