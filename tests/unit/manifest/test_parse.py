"""Files to documents: binding by schema, places, and what is told once for all files."""

from textwrap import dedent

import pytest

from reconcile.manifest.parse import check_platform_types, parse
from reconcile.model.diagnostic import Severity, Span
from reconcile.ports import NamedBytes
from reconcile.runs.shipped import schemas

FLEET = dedent("""\
    apiVersion: reconcile/v1
    kind: Fleet
    metadata: {name: city}
    spec:
      platforms:
        one: {type: onenet}
        ali: {type: aliyun, region: cn-shanghai}
    """)


def parsed(*texts, fleet=FLEET):
    files = [NamedBytes(f"{index}.yaml", dedent(text).encode()) for index, text in enumerate((fleet, *texts)) if text]
    return parse(files, schemas())


def device(spec, labels="{}", name="m"):
    return f"""\
apiVersion: reconcile/v1
kind: Device
metadata: {{name: {name}, labels: {labels}}}
spec:
  platform: one
  {spec}
"""


def body(text):
    documents, diagnostics = parsed(text)
    assert [d.detail for d in diagnostics] == []
    return documents[1].body


def told(text):
    return [(d.code, d.span.line, d.span.column) for d in parsed(text)[1]]


def test_identities_and_labels_stay_text():
    found = body(device("imei: 865820031234567", "{a: 2.4, b: 017, c: yes, d: null, e: 0x1F, f: 1e5, 2.5: true}"))
    assert found["spec"]["imei"] == "865820031234567"
    labels = {"a": "2.4", "b": "017", "c": "yes", "d": "null", "e": "0x1F", "f": "1e5", "2.5": "true"}
    assert found["metadata"]["labels"] == labels


def test_an_imei_with_a_leading_zero_stays_text():
    assert body(device("imei: 012345678901234"))["spec"]["imei"] == "012345678901234"


def test_resources_take_what_a_scalar_means_and_quotes_make_text():
    found = body(
        device(
            'resources: {/1/0/1: 5, /1/0/2: 5.0, /1/0/3: "5", /1/0/4: true, /1/0/5: null, /1/0/6: on, /1/0: {7: 1e16}}'
        )
    )
    values = list(found["spec"]["resources"].values())
    expected = [5, 5.0, "5", True, None, "on", {"7": 1e16}]
    assert [(value, type(value)) for value in values] == [(value, type(value)) for value in expected]


def test_the_declared_type_decides_between_text_and_number():
    found = body(
        device(
            "resources: {/1/0/1: {value: 0102, type: opaque}, /1/0/2: {value: 5, type: integer}, /1/0/3: {value: 7, type: string}}"
        )
    )
    values = [value["value"] for value in found["spec"]["resources"].values()]
    assert values == ["0102", 5, "7"]


def test_structs_and_lists_are_plain_property_values():
    text = device(
        "productKey: a1\n  properties: {A: {x: 1, y: [a, 2.5]}, B: [1, 2], C: null, D: {value: {x: 1}, mode: seed}, E: {mode: observe}}"
    )
    assert body(text.replace("platform: one", "platform: ali"))["spec"]["properties"] == {
        "A": {"x": 1, "y": ["a", 2.5]},
        "B": [1, 2],
        "C": None,
        "D": {"value": {"x": 1}, "mode": "seed"},
        "E": {"mode": "observe"},
    }


def test_a_struct_with_a_member_named_value_and_others_is_a_struct():
    text = device("properties: {A: {value: 1, unit: C}}")
    assert body(text)["spec"]["properties"]["A"] == {"value": 1, "unit": "C"}


def test_secrets_are_allowed_where_values_are():
    text = device(
        "resources: {/1/0/1: {secret: {env: A}}, /1/0/2: {value: {secret: {env: B}}, type: string}}\n  properties: {A: {secret: {env: A}}}"
    )
    assert body(text)["spec"]["properties"]["A"] == {"secret": {"env": "A"}}


def test_a_value_may_not_come_from_a_file():
    assert [code for code, *_ in told(device("resources: {/1/0/1: {secret: {file: /etc/shadow}}}"))] == [
        "RCL111",
        "RCL110",
    ]


def test_every_delivery_option_is_expressible():
    text = device(
        "delivery: {mode: now, expireAfter: 90, validAfter: 2m, retry: 0, trigger: [notify], timeout: 5s, writeMode: 1, reachableWithin: 1h}"
    )
    assert body(text)["spec"]["delivery"] == {
        "mode": "now", "expireAfter": 90, "validAfter": "2m", "retry": 0, "trigger": ["notify"],
        "timeout": "5s", "writeMode": 1, "reachableWithin": "1h",
    }  # fmt: skip


def test_paths_may_use_the_names_of_the_model():
    text = device(
        "resources: {Temperature/0/Min Range Value: 1, Temperature/0: {Max Range Value: 2}}\n  commands: {c: {execute: Device/0/Reboot, trigger: 2026-11, args: 5}}"
    )
    spec = body(text)["spec"]
    assert spec["resources"] == {"Temperature/0/Min Range Value": 1, "Temperature/0": {"Max Range Value": 2}}
    assert spec["commands"]["c"] == {"execute": "Device/0/Reboot", "trigger": "2026-11", "args": "5"}


def test_platforms_of_other_types_are_open():
    documents, diagnostics = parsed(fleet=FLEET + "    new: {type: tuya, anything: {goes: [1]}}\n")
    assert diagnostics == []
    (told_type,) = check_platform_types(documents[0], ["onenet", "aliyun", "tuyaa"])
    assert (told_type.code, told_type.span) == ("RCL118", Span("0.yaml", 8, 11))
    assert "`tuyaa`" in told_type.detail
    assert check_platform_types(documents[0], ["onenet", "aliyun", "tuya"]) == []


def test_a_label_may_be_empty_text_but_not_nothing():
    assert body(device("imei: 1234", '{a: ""}'))["metadata"]["labels"] == {"a": ""}
    assert told(device("imei: 1234", "{a: }")) == [("RCL112", 3, 30)]


def test_a_wrong_value_is_placed_at_the_value_and_a_missing_one_at_its_key():
    assert told(device("delivery: {timeout: 50s}")) == [("RCL113", 6, 23)]
    assert told(device("delivery: {retry: }")) == [("RCL112", 6, 14)]


def test_an_alias_is_told_once_and_nothing_more_about_it():
    assert told(device("delivery: *x")) == [("RCL104", 6, 13)]


def test_a_merge_key_hides_what_may_be_missing_because_of_it():
    text = "apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: m}\nspec: {<<: {platform: one}}\n"
    assert told(text) == [("RCL104", 4, 8)]
    assert [document.name for document in parsed(text)[0]] == ["city"]


def test_only_the_damaged_document_is_spared():
    whole = "---\napiVersion: reconcile/v1\nkind: Device\nmetadata: {name: n}\nspec: {imei: 1234}\n"
    damaged = "apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: m}\nspec: {<<: {platform: one}}\n"
    assert told(damaged + whole) == [("RCL104", 4, 8), ("RCL111", 9, 1)]


def test_an_alias_for_the_kind_is_told_once():
    assert told("apiVersion: reconcile/v1\nkind: *x\n") == [("RCL104", 2, 7)]


def test_a_refused_document_does_not_hide_the_next_one():
    documents, diagnostics = parsed(device("delivery: 5") + "---\n" + device("imei: 1234", name="n"))
    assert [document.name for document in documents] == ["city", "n"]
    assert [d.code for d in diagnostics] == ["RCL112"]


def test_all_problems_of_all_files_come_together_in_order():
    _, diagnostics = parsed(device("retry: 1\n  delivery: {timeout: 1s}"), "a: [", device("imei: 5", name="n"))
    assert [(d.code, str(d.span)) for d in diagnostics] == [
        ("RCL110", "1.yaml:6:3"),
        ("RCL113", "1.yaml:7:23"),
        ("RCL101", "2.yaml:1:4"),
        ("RCL113", "3.yaml:6:9"),
    ]


def test_one_fleet_is_wanted_but_not_missed_where_a_file_is_broken():
    assert [d.code for d in parsed(device("imei: 1234"), fleet="")[1]] == ["RCL116"]
    assert [d.code for d in parsed("a: [", fleet="")[1]] == ["RCL101"]
    assert [d.code for d in parsed(FLEET)[1]] == ["RCL116", "RCL116"]


def test_an_invalid_fleet_is_still_a_fleet():
    documents, diagnostics = parsed(fleet=FLEET + "  modles: []\n")
    assert (documents, [d.code for d in diagnostics]) == ([], ["RCL110"])


def test_names_are_unique_by_kind_and_devices_by_platform_too():
    other = device("productKey: a1").replace("platform: one", "platform: ali")
    documents, diagnostics = parsed(device("imei: 1234"), other)
    assert (len(documents), diagnostics) == (3, [])
    documents, diagnostics = parsed(device("imei: 1234"), device("imei: 1235"))
    assert [document.body["spec"].get("imei") for document in documents] == [None, "1234"]
    assert [(d.code, str(d.span)) for d in diagnostics] == [("RCL117", "1.yaml:3:12"), ("RCL117", "2.yaml:3:12")]
    assert "2.yaml:3:12" in diagnostics[0].detail


def test_comments_alone_are_a_warning():
    documents, (warning,) = parsed("# later\n")
    assert (len(documents), warning.code, warning.severity) == (1, "RCL107", Severity.WARNING)


def test_no_more_than_a_hundred_problems_of_one_file_are_told():
    _, diagnostics = parsed("---\nkind: X\n" * 300)
    assert len(diagnostics) == 101
    assert diagnostics[0].code == "RCL109"


@pytest.mark.parametrize(
    "secret",
    ["credentials: {masterKey: T0Psecret}", "credentials: {accessKey: '0123'}", "credentials: {masterKey: {env: T0P-secret}}",
     "credentials: {masterKey: [T0Psecret]}", "credentials: {accessKey: 0123}", "credentials: {masterKey: {env: A, optional: T0Psecret}}"],
)  # fmt: skip
def test_a_secret_is_never_shown(secret):
    _, diagnostics = parsed(fleet=FLEET.replace("{type: onenet}", f"{{type: onenet, {secret}}}"))
    assert diagnostics
    assert not any("T0P" in d.detail or "0123" in d.detail for d in diagnostics)


def test_a_plain_secret_comes_with_advice():
    _, (told_secret,) = parsed(fleet=FLEET.replace("{type: onenet}", "{type: onenet, credentials: {masterKey: x}}"))
    assert told_secret.code == "RCL115"
    assert "{env: MASTER_KEY}" in told_secret.detail


def test_positions_are_a_mapping_of_all_pointers():
    documents, _ = parsed(device("delivery: {trigger: [update]}"))
    positions = documents[1].positions
    assert positions[("spec", "delivery", "trigger", 0)] == (6, 24)
    assert dict(positions)[("metadata", "name")] == (3, 12)
    assert ("spec", "nothing") not in positions
    assert len(positions) == 11


def test_validation_of_right_documents_needs_no_jsonschema():
    import subprocess
    import sys

    script = (
        "import sys; from reconcile.manifest.parse import parse; from reconcile.runs.shipped import schemas;"
        "from reconcile.ports import NamedBytes;"
        f"assert parse([NamedBytes('f.yaml', {FLEET.encode()!r})], schemas())[1] == [];"
        "sys.exit('jsonschema' in sys.modules or 'difflib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
