"""What Aliyun's pages leave open, or answer in two ways. The first choice is the reading held most likely."""

from __future__ import annotations

from reconcile.emulator.switch import Switch

SWITCHES: tuple[Switch, ...] = (
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
