"""What OneNET leaves open about requests, answers, credentials and rates."""

from __future__ import annotations

from reconcile.emulator.switch import Switch

SWITCHES: tuple[Switch, ...] = (
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
        "custom_objects",
        ("text", "binary", "plain"),
        "What a read shows of an object outside OneNET's catalogue: bytes of its text or binary form, or the value.",
        "OneNET NB-IoT book, FAQ protocol#9 and other#3: they are opaque; not said in which form a number is",
    ),
    Switch(
        "object_link",
        ("text", "opaque"),
        "Whether an object link (Objlnk) is written and read as text, `3:0`, or as four bytes like an opaque value.",
        "OneNET NB-IoT book, list/5 and list/10: types of `val`; object links are not among them",
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
        "execute_body",
        ("optional", "required"),
        "Whether an instant execute may come without args.",
        "OneNET NB-IoT book, list/6: the table says required, the note says optional",
    ),
    Switch(
        "parameters_in",
        ("query", "either"),
        "Whether parameters count only in the query string, or also in a JSON body.",
        "OneNET NB-IoT book, list/8 and list/9: url parameters, shown in a JSON body by the samples",
    ),
    Switch(
        "devices_nbiot",
        ("refuse", "accept"),
        "Whether an instant read is also served at /devices/nbiot.",
        "OneNET NB-IoT book, list/4: the sample request against the defined URL",
    ),
    Switch(
        "instant_uuid",
        ("absent", "in_data"),
        "Whether the answer to an instant write, execute or observe names the uuid its trace is found by.",
        "OneNET NB-IoT book, list/32 needs a uuid, list/4 to list/8 return none",
    ),
    Switch(
        "multiple_read",
        ("res_inst", "val"),
        "How a read shows a resource with several instances: a list res_inst, or an object in val.",
        "OneNET NB-IoT book, httppush: res_inst in a push; list/4 shows val only",
    ),
    Switch(
        "long_pages",
        ("refuse", "cap_100", "cap_30"),
        "What a history page of more than 100 is: refused, 100 commands, or (any page of more than 30) 30 commands.",
        "OneNET NB-IoT book, list/12 gives per_page no range; sibling lists have 30 by default, 100 at most",
    ),
    Switch(
        "empty_data",
        ("absent", "null"),
        "Whether Studio leaves data out, or sends null, where a call has none.",
        "OneNET Studio, api/introduce (null) against the samples of the calls (absent)",
    ),
    Switch(
        "contact_time",
        ("cst", "plain"),
        "Form of last_ct and act_time: `Fri Jun 21 17:06:32 CST 2019` or `2019-06-21 17:06:32`.",
        "OneNET NB-IoT book, list/2: the sample prints the first, the table says datetime",
    ),
    Switch(
        "device_id_type",
        ("string", "int"),
        "Type of a device's id in the batch calls.",
        "OneNET NB-IoT book, list/19, list/20: table against sample",
    ),
    Switch(
        "observe_flag",
        ("observe_status", "observ_status"),
        "Name of the subscription flag in the answer by IMEI.",
        "OneNET NB-IoT book, list/22: sample against table",
    ),
    Switch(
        "onenet_rate",
        ("off", "100", "300"),
        "Calls a second an account and API may make before it is throttled.",
        "OneNET Studio, use limits: 100 a second per IP; NB-IoT book, FAQ#126: 300",
    ),
    Switch(
        "throttle_signal",
        ("errno", "http429"),
        "How a throttled call is answered: in the envelope (errno 15), or by HTTP 429.",
        "OneNET API result codes: 15; HTTP 429 is not documented",
    ),
    Switch(
        "g3_offline_code",
        ("10415", "10421"),
        "Code of the current platform for a device that is offline.",
        "OneNET current platform: not published",
    ),
    Switch(
        "list_total",
        ("told", "absent"),
        "Whether the current platform's lists of devices and products say how many there are.",
        "OneNET current platform, API list (detail/1483): clients read data.list only; no page of the lists was read",
    ),
    Switch(
        "desired_version_type",
        ("int", "string"),
        "Type of a desired value's version in QueryDeviceDesiredProperty.",
        'OneNET Studio, QueryDeviceDesiredProperty: the table says int, one sample prints "2"',
    ),
    Switch(
        "conditional_delete",
        ("fails", "ignored"),
        "Whether deleting a desired value under another version fails, or succeeds without deleting it.",
        "OneNET Studio, DeleteDeviceDesiredProperty (only then deleted) and OneJSON, desired (ignored)",
    ),
    Switch(
        "unset_expect",
        ("absent", "empty"),
        "Whether QueryDeviceProperty leaves expect_value out, or empty, for a property without a desired value.",
        "OneNET Studio, QueryDeviceProperty: samples have one each",
    ),
)
