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
    Switch(
        "desired_error_code",
        ("placeholder", "iot.system.IllegalRequest", "iot.system.SystemException"),
        "Code of a version conflict, a read-only property, a bad value, too many items: ours, or a general one.",
        "Aliyun error codes (87387): none is named for the three desired-property calls",
    ),
    Switch(
        "unset_version",
        ("zero", "absent"),
        "Whether a property never set is listed with Version 0, or without Version.",
        "Aliyun QueryDeviceDesiredProperty; the console shows version 0",
    ),
    Switch(
        "module_prefix_in_query",
        ("accept", "ignore"),
        "Whether QueryDeviceDesiredProperty understands `module:identifier`, or passes over it.",
        "Aliyun QueryDeviceDesiredProperty, Identifier and FunctionBlockId",
    ),
    Switch(
        "unlisted_queried",
        ("ignored", "refused"),
        "What a query for a read-only or unknown property does: it is left out, or the call fails.",
        "Aliyun QueryDeviceDesiredProperty: read-only properties cannot be queried",
    ),
    Switch(
        "write_only_desired",
        ("refuse", "accept"),
        "Whether a write-only property may have a desired value.",
        "Aliyun data structure of ThingModelJson, rwFlag WRITE_ONLY; desired values: must be read/write",
    ),
    Switch(
        "unreported_listed",
        ("yes", "no"),
        "Whether a property never reported is listed, without Value and Time.",
        "Aliyun QueryDevicePropertyStatus; a published payload lists it",
    ),
    Switch(
        "empty_unit",
        ("empty", "absent"),
        "Whether a property without a unit has an empty Unit, or none.",
        "Aliyun QueryDevicePropertyStatus; a published payload has none for text",
    ),
    Switch(
        "model_default_module",
        ("default", "all"),
        "What a model query without FunctionBlockId returns: the default module and the names of the others, or all.",
        "Aliyun QueryThingModel: parameter table against notes",
    ),
    Switch(
        "deep_page",
        ("refuse", "empty"),
        "A page beyond 10,000 rows without its NextToken, or beyond 1,000,000: an error, or a page without rows.",
        "Aliyun QueryDevice, NextToken: data cannot be returned",
    ),
    Switch(
        "tag_match",
        ("all", "any"),
        "Whether several tags in QueryDeviceByTags must all match, or one of them.",
        "Aliyun QueryDeviceByTags, Tag.N",
    ),
    Switch(
        "tag_value_required",
        ("no", "yes"),
        "Whether a tag may be searched by its key alone.",
        "Aliyun QueryDeviceByTags: older page against API description",
    ),
    Switch(
        "group_name_match",
        ("fuzzy", "exact"),
        "Whether GroupName finds parts of a name.",
        "Aliyun QueryDeviceGroupList: the page texts disagree",
    ),
    Switch(
        "status_listing",
        ("fresh", "stale"),
        "Whether QueryDeviceByStatus knows the status of now, or that of 10 seconds ago.",
        "Aliyun QueryDeviceByStatus: up to 10 s stale",
    ),
    Switch(
        "surplus_instance_id",
        ("ignore", "refuse"),
        "An IotInstanceId where the instance has no id is passed over, or is iot.system.InstanceNotFound.",
        "Aliyun common texts on IotInstanceId: leave it out if there is none",
    ),
    Switch(
        "unknown_key_status",
        ("404", "400"),
        "HTTP status of InvalidAccessKeyId.NotFound.",
        "Aliyun gateway errors: current KMS page against older pages",
    ),
    Switch(
        "expired_token_code",
        ("InvalidSecurityToken.Expired", "InvalidAccessKeyId.NotFound"),
        "Code of a security token that has expired (`emulator-sts-expired`).",
        "Aliyun gateway errors: both are seen",
    ),
    Switch(
        "unknown_action_code",
        ("InvalidApi.NotFound", "InvalidAction.NotFound"),
        "Code of an action that does not exist.",
        "Aliyun gateway errors: pages of different products",
    ),
    Switch(
        "throttle_code",
        ("Throttling.User", "Throttling.Api", "Throttling"),
        "Code of a throttled call.",
        "Aliyun gateway errors",
    ),
    Switch(
        "throttle_status",
        ("400", "429", "503"),
        "HTTP status of a throttled call.",
        "Aliyun gateway errors: statuses differ between pages of different products",
    ),
    Switch(
        "expiration",
        ("ignored", "honoured"),
        "Whether Expiration, a parameter of Tuya's edition of the same API, lets a desired value lapse after seconds.",
        "Tuya's SetDeviceDesiredProperty on Aliyun's marketplace; Aliyun's own page does not have it",
    ),
    Switch(
        "retry_after",
        ("absent", "2"),
        "Whether a throttled call says in x-acs-retry-after how long to wait.",
        "alibabacloud-tea-openapi 0.4.6 reads the header; no page of Aliyun IoT names it",
    ),
    Switch(
        "permission_denied",
        ("business", "gateway"),
        "A RAM user without the permission meets iot.common.RamActionPermissionDeny (HTTP 200), or NoPermission (403).",
        "Aliyun error codes (87387) against gateway errors",
    ),
)
