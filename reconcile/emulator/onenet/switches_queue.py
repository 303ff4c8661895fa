"""What OneNET leaves open about cached commands."""

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
        "limit_counts",
        ("open", "waiting", "all"),
        "What counts towards the 10: commands that may still be sent, only those shown as waiting, or all on record.",
        "OneNET NB-IoT book, FAQ#55 and FAQ api#5: 10 cached commands per device",
    ),
    Switch(
        "uplink_releases",
        ("all", "one"),
        "One uplink releases all due cached commands in creation order, or only the first.",
        "OneNET NB-IoT book, FAQ#171, silent on the number",
    ),
    Switch(
        "delivery",
        ("parallel", "serial"),
        "Whether one unanswered command leaves the others of the same uplink alone, or holds them back to the next.",
        "OneNET NB-IoT book, FAQ#171: delivered once the device has reported, silent on one after the other",
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
        "undefined_status",
        ("8", "7"),
        "send_status of a command that ended in a way the platform has no word for.",
        "OneNET NB-IoT book, list/12 (8) against the older and the English book (7)",
    ),
    Switch(
        "cancel_after_valid_time",
        ("allow", "refuse"),
        "Whether a command that still waits may be cancelled once its valid_time has come.",
        "OneNET NB-IoT book, list/14 against list/33",
    ),
    Switch(
        "cancel_refusal",
        ("5006", "5108", "succ"),
        "What cancelling a command answers that cannot be cancelled; succ says it was, and was not.",
        "OneNET NB-IoT book, list/14: only a waiting command can be cancelled, no errno",
    ),
    Switch(
        "unknown_command",
        ("5108", "empty"),
        "What asking for a command answers that is not on record: an invalid parameter, or success without data.",
        "OneNET NB-IoT book, list/13 and list/34: not said",
    ),
    Switch(
        "longest_validity",
        ("unlimited", "30d"),
        "Whether expired_time may lie any time ahead, or at most 30 days.",
        "OneNET NB-IoT book, list/9 to list/11 name no maximum; the trace sample (list/34) has one month",
    ),
    Switch(
        "retry_minimum",
        ("0", "3"),
        "The smallest retry that is accepted.",
        "OneNET NB-IoT book, list/9: table [0, 10] against the comment [3, 10] in its sample",
    ),
    Switch(
        "push_ended",
        ("no", "yes"),
        "Whether expired and cancelled commands are pushed (type 7), or only confirmed ones.",
        "OneNET NB-IoT book, httppush, type 7: not said",
    ),
)
