"""What OneNET's pages leave open, or answer in two ways. The first choice is the reading held most likely."""

from __future__ import annotations

from reconcile.emulator.switch import Switch

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
)
