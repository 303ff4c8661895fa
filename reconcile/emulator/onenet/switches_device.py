"""What OneNET leaves open about devices, and about what the platform knows of them."""

from __future__ import annotations

from reconcile.emulator.switch import Switch

SWITCHES: tuple[Switch, ...] = (
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
        "type_learning",
        ("known", "must_learn"),
        "Whether a device takes the right type from the first write, or only after a read or notify of that resource.",
        "OneNET NB-IoT book, FAQ-P#41, FAQ protocol#11: a write before that delivers the text",
    ),
    Switch(
        "coap_dedup",
        ("yes", "no"),
        "Whether a device drops the retransmissions of one command, or carries each of them out.",
        "OneNET NB-IoT book, FAQ api#1: up to two retransmissions within 25 s, same message id",
    ),
    Switch(
        "instant_in_flight",
        ("allow", "busy"),
        "Whether a second instant command is taken while one waits for the device, or refused with errno 7.",
        "OneNET NB-IoT book, Error_codes: 7 is a backlog; nothing on commands in parallel",
    ),
    Switch(
        "instant_waits",
        ("no", "yes"),
        "Whether the answer for a silent device comes at once, or after the real timeout.",
        "OneNET NB-IoT book, FAQ api#1: the call waits for the device; at once is for tests",
    ),
    Switch(
        "instant_points",
        ("no", "yes"),
        "Whether instant reads and writes make data points, or only what the device reports.",
        "OneNET NB-IoT book, list/4, list/5, list/20, list/21: not said",
    ),
    Switch(
        "resource_list",
        ("kept", "emptied"),
        "Whether the platform's resource list of an object is kept until a discover has succeeded, or emptied first.",
        "OneNET release notes 2019-05 (kept) against NB-IoT book, FAQ api#3 (emptied)",
    ),
    Switch(
        "notify_extends_lifetime",
        ("no", "yes"),
        "Whether a notify keeps a registration alive as an update does.",
        "OneNET NB-IoT book, FAQ#195 (no) against Studio book, LwM2M-develop 4.1.2 (yes)",
    ),
    Switch(
        "offline_shown_after",
        ("60s", "0s"),
        "How long after the end of its lifetime a device is still shown online.",
        "OneNET NB-IoT book, FAQ protocol#5, FAQ#139: about a minute",
    ),
)
