from __future__ import annotations

import pytest
from layering_kit import ONENET, codes, device, fleet_of, of, only, profile, values

from reconcile.model.desired import Delivery, DeliveryMode, OnRemoval, Ownership, WriteMode
from reconcile.model.diagnostic import Span
from reconcile.model.values import secret
from reconcile.ports import Problem

METERS = "name,platform,imei,class,site\nm1,one,111,meter,lab\nm2,one,222,meter,yard\nm3,one,333,meter,yard\n"
LAMP = "name,platform,productKey,class\nl1,ali,a1B,lamp\n"
ALL = "  selector: {}\n"


def of_all(spec, **options):
    """Every meter with one profile that selects all."""
    return fleet_of(profile("base", ALL + spec), inventory=METERS, **options)


def test_higher_priority_and_then_the_device_win_resource_by_resource():
    fleet = fleet_of(
        profile("high", ALL + "  priority: 20\n  resources: {/1/0: {3: 30}}"),
        profile("low", ALL + "  priority: 10\n  resources: {/1/0: {2: 10, 3: 10, 4: 10}}"),
        device("m1", "  platform: one\n  resources: {/1/0/4: 99}"),
        inventory=METERS,
    )

    assert fleet.diagnostics == ()
    assert values(fleet, "m1") == {"/1/0/2": 10, "/1/0/3": 30, "/1/0/4": 99}
    assert values(fleet, "m2") == {"/1/0/2": 10, "/1/0/3": 30, "/1/0/4": 10}


def test_layers_run_low_to_high_with_name_place_and_value():
    fleet = fleet_of(
        profile("high", ALL + "  priority: 20\n  resources:\n    /1/0/3: 30"),
        profile("low", ALL + "  resources:\n    /1/0:\n      3: {value: 10, mode: seed}"),
        device("m1", "  platform: one\n  resources: {/1/0/3: 99}"),
        inventory=METERS,
    )
    (resource,) = of(fleet, "m1").document.resources

    assert [(layer.name, layer.value, layer.ownership) for layer in resource.layers] == [
        ("profile low (priority 0)", 10, Ownership.SEED),
        ("profile high (priority 20)", 30, Ownership.ENFORCE),
        ("device m1", 99, Ownership.ENFORCE),
    ]
    assert [layer.span for layer in resource.layers][:2] == [Span("b.yaml", 8, 11), Span("a.yaml", 8, 5)]
    assert resource.span.file == "c.yaml"


def test_devices_of_one_configuration_share_one_document():
    fleet = of_all("  resources: {/1/0/3: 30}")

    assert len({id(desired.document) for desired in fleet.devices}) == 1


def test_device_document_that_only_adds_labels_shares_too():
    fleet = fleet_of(
        profile("base", ALL + "  resources: {/1/0/3: 30}"),
        device("m1", "  platform: one", "{room: a}"),
        inventory=METERS,
    )

    assert of(fleet, "m1").document is of(fleet, "m2").document
    assert of(fleet, "m1").device.labels == {"class": "meter", "site": "lab", "room": "a"}


def test_equal_priority_and_different_value_names_both_places_once():
    fleet = fleet_of(
        profile("p", ALL + "  priority: 5\n  resources: {/1/0/3: 1}"),
        profile("q", ALL + "  priority: 5\n  resources: {/1/0/3: 2}"),
        inventory=METERS,
    )
    found = only(fleet)

    assert found.code == "RCL126"
    assert found.span.file == "b.yaml"
    assert "device one/m1, resource /1/0/3 (3 devices)" in found.detail
    assert "profile p (priority 5) wants 1 (a.yaml:7:15)" in found.detail
    assert "profile q (priority 5) wants 2 (b.yaml:7:15)" in found.detail


def test_equal_priority_and_equal_value_is_fine():
    spec = ALL + "  priority: 5\n  resources: {/1/0/3: 1}\n  delivery: {expireAfter: %s}"

    assert codes(fleet_of(profile("p", spec % "1h"), profile("q", spec % "60m"), inventory=METERS)) == []


def test_equal_priority_and_different_delivery_or_command_is_an_error():
    spec = ALL + "  resources: {/1/0/3: 1}\n  delivery: {retry: %d}\n  commands: {c: {execute: /3/0/4, trigger: t%d}}"
    fleet = fleet_of(profile("p", spec % (1, 1)), profile("q", spec % (2, 2)), inventory=METERS)

    assert codes(fleet) == ["RCL126", "RCL126"]


@pytest.mark.parametrize("mode", ["enforce", "seed", "observe", "ignore"])
def test_ownership_is_kept(mode):
    fleet = of_all(f"  resources: {{/4/0/1: {{value: 7, mode: {mode}}}}}")

    assert of(fleet, "m1").document.resources[0].ownership == mode


def test_observed_resource_needs_no_value_and_may_be_read_only():
    fleet = of_all("  resources: {/4/0/1: {mode: observe}, /9/0/0: {value: 5, mode: observe}}")

    assert fleet.diagnostics == ()
    assert values(fleet, "m1") == {"/4/0/1": None, "/9/0/0": 5}


def test_ignored_resource_is_not_checked():
    assert codes(of_all("  resources: {/9/0/0: {value: -5, mode: ignore}}")) == []


def test_value_that_is_overridden_need_not_fit():
    fleet = fleet_of(
        profile("base", ALL + "  resources: {/1/0/3: 500}"),
        profile("over", ALL + "  priority: 1\n  resources: {/1/0/3: 5}"),
        inventory=METERS,
    )

    assert fleet.diagnostics == ()


def test_one_problem_is_told_once_with_an_example_and_the_number_of_devices():
    found = only(of_all("  resources: {/1/0/3: 500}"))

    assert (found.code, found.span) == ("RCL206", Span("a.yaml", 6, 15))
    assert found.detail == "device one/m1, resource /1/0/3 (3 devices): Found 500."


def test_path_problem_is_told_where_the_path_stands():
    fleet = of_all("  resources: {/1/0/3: 5}\n  commands: {c: {execute: bad, trigger: x}}")

    assert only(fleet).code == "RCL202"


def test_one_path_in_two_spellings_is_an_error():
    assert only(of_all("  resources: {/1/0: {3: 5}, /1/0/3: 5}")).code == "RCL139"


def test_section_of_another_platform_is_an_error_with_an_example():
    found = only(of_all("  properties: {Brightness: 5}"))

    assert found.code == "RCL127"
    assert "device one/m1 (3 devices): profile base (priority 0) sets `properties`" in found.detail


def test_null_clears_only_where_the_platform_can():
    assert only(of_all("  resources: {/1/0/3: null}")).code == "RCL133"
    fleet = fleet_of(profile("base", ALL + "  properties: {A: null}"), inventory=LAMP)
    assert fleet.diagnostics == ()
    assert values(fleet, "l1") == {"A": None}


def test_removal_rule_of_the_document_holds_unless_the_resource_has_its_own():
    spec = "  onRemoval: clear\n  properties: {A: 1, B: {value: 1, onRemoval: release}, C: {value: 1, onRemoval: {set: 9}}}"
    fleet = fleet_of(profile("base", ALL + spec), inventory=LAMP)

    assert fleet.diagnostics == ()
    assert [resource.on_removal for resource in of(fleet, "l1").document.resources] == [
        OnRemoval("clear"),
        OnRemoval(),
        OnRemoval("set", 9),
    ]


def test_removal_rules_that_the_platform_cannot_keep_are_errors():
    assert only(of_all("  resources: {/1/0/3: {value: 1, onRemoval: clear}}")).code == "RCL134"
    assert only(of_all("  resources: {/1/0/3: {value: 1, onRemoval: {set: 500}}}")).code == "RCL206"


def test_secret_becomes_a_marker():
    fleet = of_all("  resources: {/1/0/3: {secret: {env: KEY}}, /1/0/4: {value: {secret: {env: KEY}}, type: opaque}}")

    assert fleet.diagnostics == ()
    assert values(fleet, "m1") == {"/1/0/3": secret("env", "KEY"), "/1/0/4": secret("env", "KEY")}


def test_secret_inside_a_structure_is_an_error():
    fleet = fleet_of(profile("base", ALL + "  properties: {A: {x: {secret: {env: KEY}}}}"), inventory=LAMP)

    assert only(fleet).code == "RCL135"


def test_structured_property_is_a_value_and_a_form_may_wrap_one():
    fleet = fleet_of(profile("base", ALL + "  properties: {A: {x: 1}, B: {value: {value: 1}}}"), inventory=LAMP)

    assert values(fleet, "l1") == {"A": {"x": 1}, "B": {"value": 1}}


def test_variables_are_filled_in_per_device():
    fleet = of_all('  resources: {/1/0/3: "${label:site}/${device.name}", /1/0/4: "$${x}"}')

    assert fleet.diagnostics == ()
    assert values(fleet, "m2") == {"/1/0/3": "yard/m2", "/1/0/4": "${x}"}


def test_documents_are_shared_by_the_labels_that_variables_mention():
    fleet = of_all('  resources: {/1/0/3: "${label:site}"}')

    assert of(fleet, "m2").document is of(fleet, "m3").document
    assert values(fleet, "m1") == {"/1/0/3": "lab"}


def test_variable_alone_may_stand_for_a_number_where_the_model_wants_one():
    inventory = "name,platform,imei,limit\nm1,one,111,42\nm2,one,222,1e999\nm3,one,333,500\n"
    fleet = fleet_of(profile("base", ALL + '  resources: {/8/0/0: "${label:limit}"}'), inventory=inventory)

    assert values(fleet, "m1") == {"/8/0/0": 42}
    assert sorted(codes(fleet)) == ["RCL205", "RCL206"]


def test_missing_label_and_unknown_variable_are_told():
    missing = only(of_all('  resources: {/1/0/3: "${label:room}"}'))
    unknown = only(of_all('  resources: {/1/0/3: "${env:HOME}"}'))

    assert (missing.code, unknown.code) == ("RCL146", "RCL132")
    assert "device one/m1, resource /1/0/3 (3 devices)" in missing.detail


def test_delivery_merges_key_by_key_in_seconds():
    fleet = fleet_of(
        profile("base", ALL + "  delivery: {mode: queue, expireAfter: 24h, trigger: [notify, register], writeMode: 1}"),
        profile("over", ALL + "  priority: 1\n  delivery: {expireAfter: 7d, timeout: 30, validAfter: 2m}"),
        device("m1", "  platform: one\n  delivery: {retry: 0, reachableWithin: 90s}"),
        inventory=METERS,
    )

    assert fleet.diagnostics == ()
    assert of(fleet, "m1").document.delivery == Delivery(
        mode=DeliveryMode.QUEUE,
        expire_after_s=604_800,
        valid_after_s=120,
        retry=0,
        trigger=("register", "notify"),
        timeout_s=30,
        write_mode=WriteMode.REPLACE,
        reachable_within_s=90,
    )
    assert of(fleet, "m2").document.delivery.retry == 3


def test_expiry_before_validity_is_told_at_the_layer_that_set_it():
    found = only(of_all("  delivery: {expireAfter: 30s}"))

    assert (found.code, found.span) == ("RCL130", Span("a.yaml", 6, 14))


def test_commands_keep_their_order_and_normal_paths():
    fleet = of_all(
        '  resources: {/1/0/3: 5}\n  commands:\n    z: {execute: /3/0/4, after: [/1/0/3], args: "${device.name}"}\n'
        "    a: {execute: /3/0/5, trigger: now, idempotent: true}"
    )
    first, second = of(fleet, "m1").document.commands

    assert fleet.diagnostics == ()
    assert (first.name, first.execute, first.args, first.after, first.trigger) == (
        "z",
        "/3/0/4",
        "m1",
        ("/1/0/3",),
        None,
    )
    assert (second.name, second.trigger, second.is_idempotent) == ("a", "now", True)


def test_command_after_a_resource_that_nobody_sets_is_an_error():
    found = only(of_all("  commands: {c: {execute: /3/0/4, after: [/1/0/3]}}"))

    assert found.code == "RCL136"
    assert "command c (3 devices)" in found.detail


def test_command_on_a_platform_without_commands_is_an_error():
    fleet = fleet_of(profile("base", ALL + "  commands: {c: {execute: x, trigger: t}}"), inventory=LAMP)

    assert only(fleet).code == "RCL137"


def test_arguments_are_measured_after_substitution():
    inventory = f"name,platform,imei,note\nm1,one,111,{'仪' * 1000}\n"
    spec = ALL + '  commands: {c: {execute: /3/0/4, trigger: t, args: "${label:note}"}}'
    assert codes(fleet_of(profile("base", spec), inventory=inventory)) == ["RCL138"]


def test_audit_is_told_where_the_resource_was_set():
    onenet = type(ONENET)(ONENET.can, (("/1/0/3", Problem("RCL209", "too much", "Found much.")),))
    found = only(of_all("  resources: {/1/0/3: 5}", onenet=onenet))

    assert (found.code, found.span) == ("RCL209", Span("a.yaml", 6, 15))
    assert found.detail == "device one/m1, resource /1/0/3 (3 devices): Found much."


def test_profile_that_matches_no_device_is_a_warning():
    found = only(fleet_of(profile("lone", "  selector: {matchLabels: {class: pump}}"), inventory=METERS))

    assert (found.code, found.is_error) == ("RCL128", False)


def test_what_may_stand_in_an_unread_file_is_not_missed():
    spec = '  selector: {matchLabels: {class: pump}}\n  resources: {/1/0/3: "${label:room}"}'
    lone = profile("lone", spec)
    strict = profile("base", ALL + '  resources: {/1/0/3: "${label:room}", /1/0/4: 500}')

    assert codes(fleet_of(lone, strict, inventory=METERS, is_complete=False)) == ["RCL206"]
