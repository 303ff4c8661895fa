"""`safety:` as it is written: whom a line is about, when it ends, and whether anything could need it."""

import pytest
from layering_kit import FLEET, fleet_of

from reconcile.model.device import Device, DeviceRef, Identity

PROTECTED = "    protected: [/11, {resource: Server, reason: it moves the gateway}]\n"
PROFILE = """
apiVersion: reconcile/v1
kind: Profile
metadata: {{name: lab}}
spec:
  selector: {{matchLabels: {{site: lab}}}}
  resources: {{/11/0/1: 3}}
  safety: {safety}
"""
METERS = "name,platform,imei,site\nm1,one,1,lab\nm2,one,2,street\n"


def safety_of(*documents, fleet="", **more):
    text = FLEET + ("  safety:\n" + fleet if fleet else "")
    found = fleet_of(*documents, fleet=text, inventory=METERS, **more)
    return found.safety, [(d.code, d.span.line) for d in found.diagnostics]


def device(name, **labels):
    return Device(DeviceRef("one", name), Identity.of(imei="1"), labels)


def test_what_a_document_protects_is_protected_where_it_says():
    safety, told = safety_of(PROFILE.format(safety="{protected: [/3303]}"), fleet=PROTECTED)
    assert not told
    whys = {one.pattern.text: one.why for one in safety.protected}
    assert whys == {
        "/11": "the manifests declare it protected",
        "Server": "it moves the gateway",
        "/3303": "the manifests declare it protected",
    }
    own = next(one for one in safety.protected if one.pattern.text == "/3303")
    assert own.covers(device("m1", site="lab"))
    assert not own.covers(device("m2", site="street"))


def test_a_line_of_a_profile_is_for_its_devices_and_its_limits_are_its_own():
    allow = "[{resource: /11, reason: r, until: 2099-01-01}, {limit: maxChangedDevices, upTo: 9, reason: r, until: 2099-01-01}]"
    safety, _ = safety_of(PROFILE.format(safety=f"{{maxChangedDevices: 5, allow: {allow}}}"), fleet=PROTECTED)
    (line,), (limits,) = safety.allowances, safety.profiles
    assert [line.covers(device("x", site=site)) for site in ("lab", "street")] == [True, False]
    assert (limits.profile, limits.max_changed_devices, [one.up_to for one in limits.allowances]) == ("lab", 5, [9.0])
    assert limits.covers(device("x", site="lab"))
    assert all(one.is_declared for one in (line, *limits.allowances))


@pytest.mark.parametrize(
    ("until", "counts"),
    [
        ("2026-11-21", False),
        ("2026-11-22", True),
        ('"2026-11-22T07:59:59Z"', False),
        ('"2026-11-22T16:00:01+08:00"', True),
    ],
)
def test_the_last_day_is_china_s_and_counts(until, counts):
    safety, told = safety_of(fleet=f"{PROTECTED}    allow: [{{resource: /11, reason: r, until: {until}}}]\n")
    assert (len(safety.allowances), len(safety.ended)) == (int(counts), int(not counts))
    assert told == ([] if counts else [("RCL706", 12)])


def test_a_line_can_be_needed_when_a_device_that_it_covers_declares_what_it_names():
    lines = "".join(
        f"      - {{{what}, reason: r, until: 2099-01-01}}\n"
        for what in (
            "resource: /11/0",
            "resource: /11, selector: {matchLabels: {site: street}}",
            "resource: /1",
            "resource: /3303",
            "replace: /11/0",
            "limit: maxChangedDevices, upTo: 9",
            "limit: maxChangedPercent, upTo: 9",
            "limit: maxChangedDevices, upTo: 5",
        )
    )
    fleet = f"{PROTECTED}    maxChangedDevices: 5\n    allow:\n{lines}"
    lab = PROFILE.format(safety="{}").replace("/11/0/1: 3", "/11/0/1: 3, /3303/0/1: 1")
    safety, _ = safety_of(lab, fleet=fleet)
    assert [line.is_declared for line in safety.allowances] == [True, *[False] * 4, True, False, False]


def test_a_line_of_a_device_is_for_that_device():
    own = """
apiVersion: reconcile/v1
kind: Device
metadata: {name: m1}
spec:
  platform: one
  resources: {/11/0/1: 3}
  safety: {allow: [{resource: /11, reason: r, until: 2099-01-01}]}
"""
    safety, _ = safety_of(own, fleet=PROTECTED)
    (line,) = safety.allowances
    assert [line.covers(device(name)) for name in ("m1", "m2")] == [True, False]
    assert line.is_declared
