"""`after` of resources and `waitFor` of commands, as manifests say them: forms, layers, names and disagreements."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconcile.runs.load import load
from reconcile.runs.source import FolderSource

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
A, B = "/3303/0/5603", "/3303/0/5604"
FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: city}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: classic}
      cached: {api: classic}
      credentials: {masterKey: {env: ONENET_MASTER_KEY}}
    aliyun-prod:
      type: aliyun
      region: cn-shanghai
      credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}
"""
DEVICES = """\
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1, labels: {class: meter}}
spec: {platform: onenet-prod, imei: "865820030000001"%s}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1, labels: {class: lamp}}
spec: {platform: aliyun-prod, productKey: a1BwAGVxxxx%s}
"""
PROFILE = """\
---
apiVersion: reconcile/v1
kind: Profile
metadata: {name: %s}
spec: {selector: {matchLabels: {class: meter}}, %s}
"""


@pytest.fixture
def loaded(tmp_path):
    """The documents of both devices, or what is wrong."""

    def read(*profiles, meter="", lamp=""):
        text = FLEET + DEVICES % (meter, lamp)
        text += "".join(PROFILE % (f"p{number}", body) for number, body in enumerate(profiles))
        (tmp_path / "fleet.yaml").write_text(text, encoding="utf-8")
        fleet = load(FolderSource(tmp_path), now=NOW)
        errors = [d for d in fleet.diagnostics if d.is_error]
        return errors or {device.device.ref.name: device.document for device in fleet.devices}

    return read


def after_of(document):
    return {resource.path: resource.after for resource in document.resources}


def test_order_is_read_in_numbers_names_and_properties(loaded):
    names = "resources: {Temperature/0: {5603: 1.0, 5604: {value: 2.0, after: [Temperature/0/Min Range Value]}}}"
    lamp = ", properties: {LightSwitch: 1, Brightness: {value: 60, after: [LightSwitch]}}"
    found = loaded(names, lamp=lamp)
    assert after_of(found["meter-1"]) == {A: (), B: (A,)}
    assert after_of(found["lamp-1"]) == {"LightSwitch": (), "Brightness": ("LightSwitch",)}


def test_order_changes_neither_the_digest_nor_what_a_structured_property_means(loaded):
    plain = loaded("resources: {/3303/0: {5603: 1.0, 5604: 2.0}}")["meter-1"]
    ordered = loaded("resources: {/3303/0: {5603: 1.0, 5604: {value: 2.0, after: [/3303/0/5603]}}}")["meter-1"]
    assert plain.digest == ordered.digest
    found = loaded(lamp=", properties: {Plan: {value: 1, after: [Plan2], step: 2}, Plan2: {after: 5}}")["lamp-1"]
    assert [resource.value for resource in found.resources] == [
        {"value": 1, "after": ["Plan2"], "step": 2},
        {"after": 5},
    ]


def test_the_layer_that_wins_the_value_decides_the_order(loaded):
    profile = "resources: {/3303/0/5603: 1.0, /3303/0/5604: {value: 2.0, after: [/3303/0/5603]}}"
    found = loaded(profile, meter=", resources: {/3303/0/5604: 3.0}")
    assert after_of(found["meter-1"]) == {A: (), B: ()}


def test_profiles_of_one_priority_may_not_disagree_on_the_order(loaded):
    first = "resources: {/3303/0/5603: 1.0, /3303/0/5604: {value: 2.0, after: [/3303/0/5603]}}"
    (error,) = loaded(first, "resources: {/3303/0/5604: 2.0}")
    assert error.code == "RCL126"
    assert "2.0 (after /3303/0/5603)" in error.detail


def test_commands_wait_for_acceptance_unless_they_say_confirmed(loaded):
    commands = (
        "commands: {a: {execute: /3/0/4, after: [/3303/0/5603]}, b: {execute: /3/0/5, trigger: x, waitFor: confirmed}}"
    )
    found = loaded(f"resources: {{/3303/0/5603: 1.0}}, {commands}")
    assert [command.waits_for_confirmation for command in found["meter-1"].commands] == [False, True]


def test_what_a_command_goes_before_is_read_like_what_it_follows(loaded):
    resources = "resources: {/3303/0: {5603: 1.0, 5604: 2.0}}"
    named = "commands: {a: {execute: /3/0/4, before: [Temperature/0/Min Range Value, /3303/0/5603]}}"
    between = "commands: {a: {execute: /3/0/4, after: [/3303/0/5603], before: [/3303/0/5604]}}"
    (command,) = loaded(f"{resources}, {named}")["meter-1"].commands
    assert (command.before, command.after, command.trigger) == ((A,), (), None)
    (command,) = loaded(f"{resources}, {between}")["meter-1"].commands
    assert (command.after, command.before) == ((A,), (B,))
    assert command.to_json() != replace(command, before=()).to_json()
    assert replace(command, before=()).to_json() == ["a", "/3/0/4", None, [A], None, False], "as it was before `before`"
