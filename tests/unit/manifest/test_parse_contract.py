"""The documents of the manifest contract, verbatim: what users are promised must parse as it stands."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.manifest.parse import parse
from reconcile.manifest.schema import SchemaSet
from reconcile.ports import NamedBytes
from reconcile.runs.shipped import schemas

SET = SchemaSet(schemas())

FLEET = """\
apiVersion: reconcile/v1
kind: Fleet                      # exactly one
metadata: {name: city-works}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: studio,  endpoint: "https://openapi.heclouds.com"}    # LwM2M-online?action=...   token auth
      cached:  {api: classic, endpoint: "https://api.heclouds.com"}        # /nbiot/offline ...        api-key or token
      credentials: {masterKey: {env: ONENET_MASTER_KEY}, accessKey: {env: ONENET_ACCESS_KEY}, resource: "userid/38055"}
      quota: {requestsPerSecond: 80}
    aliyun-prod:
      type: aliyun
      region: cn-shanghai        # or endpoint: for private and compatible editions
      instanceId: iot-060a****
      signature: acs3            # or v1
      credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}, securityToken: {env: ALIYUN_STS, optional: true}}
      quota: {requestsPerSecond: 40}
  models: [models/]              # OMA LwM2M object XML (DDF), Aliyun TSL / ThingModelJson
  inventory: [inventory/meters.csv]
  state: {backend: sqlite, path: .reconcile/state.db}     # or gitref, postgres; RECONCILE_STATE overrides
  defaults: {delivery: {mode: auto, expireAfter: 72h, retry: 3, trigger: [register, update, notify], timeout: 25s}}
  safety: {maxChangedDevices: 500, maxChangedPercent: 30, minPopulation: 10, maxInventoryShrinkPercent: 10}
"""

DEVICES = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-0001, labels: {class: meter, site: chaoyang, firmware: "2.4"}}
spec:
  platform: onenet-prod
  imei: "865820031234567"
  resources:                     # LwM2M: /object/instance/resource, or nested as shown in Profile
    /3303/0/5603: -10.0
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-17, labels: {class: lamp, site: haidian}}
spec:
  platform: aliyun-prod
  productKey: a1BwAGVxxxx
  deviceName: lamp-17            # default: metadata.name; or iotId:
  properties:                    # thing model: identifier or module:identifier; null clears the desired value
    LightSwitch: 1
    Brightness: 60
    "EnergyModule:reportPeriod": 300
"""

PROFILE = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters-base}
spec:
  selector:                      # equality and set expressions, all must hold
    matchLabels: {class: meter}
    matchExpressions: [{key: site, operator: NotIn, values: [lab]}]
  priority: 10                   # higher wins; equal priority + different value for one resource = error naming both files and lines
  resources:
    /3303/0: {5603: -20.0, 5604: 60.0}        # one object instance, several resources
    /19/0/0: {value: "0A1B", type: opaque}     # explicit type where no model knows it: opaque (hex) | time | string | integer | float | boolean
    /3/0/13: {value: "2026-11-22T08:00:00Z", type: time}
    /4/0/1: {value: 7, mode: seed}             # ownership: enforce (default) | seed (set once, then leave) | observe (report only) | ignore
  delivery: {mode: queue, expireAfter: 24h, retry: 3, trigger: [update, notify]}   # mode: auto | now | queue
  commands:
    reboot-after-threshold:
      execute: /3/0/4
      args: "ping"               # optional
      after: [/3303/0/5603]      # run once each time one of these was changed and accepted ...
      # trigger: "2026-11-rollout"  # ... or once for each new value of this text
  rollout:
    waves: [{devices: 1%}, {devices: 10%}, {devices: 100%}]
    advanceWhen: {confirmedPercent: 95}
    abortWhen: {failedPercent: 2, minimum: 10}
"""


def documents():
    files = [NamedBytes(f"{index}.yaml", text.encode()) for index, text in enumerate((FLEET, DEVICES, PROFILE))]
    found, diagnostics = parse(files, schemas())
    assert diagnostics == []
    return {document.name: document for document in found}


def test_the_contract_parses_verbatim():
    assert [(d.kind, d.name) for d in documents().values()] == [
        ("Fleet", "city-works"),
        ("Device", "meter-0001"),
        ("Device", "lamp-17"),
        ("Profile", "meters-base"),
    ]


def test_the_values_of_the_contract_are_what_it_says():
    found = documents()
    assert found["meter-0001"].body["metadata"]["labels"] == {"class": "meter", "site": "chaoyang", "firmware": "2.4"}
    assert found["meter-0001"].body["spec"]["resources"] == {"/3303/0/5603": -10.0}
    assert found["lamp-17"].body["spec"]["properties"] == {
        "LightSwitch": 1,
        "Brightness": 60,
        "EnergyModule:reportPeriod": 300,
    }
    spec = found["meters-base"].body["spec"]
    assert spec["resources"]["/3303/0"] == {"5603": -20.0, "5604": 60.0}
    assert spec["resources"]["/19/0/0"] == {"value": "0A1B", "type": "opaque"}
    assert spec["resources"]["/3/0/13"] == {"value": "2026-11-22T08:00:00Z", "type": "time"}
    assert spec["rollout"]["waves"] == [{"devices": "1%"}, {"devices": "10%"}, {"devices": "100%"}]


def test_every_key_of_the_contract_has_its_place():
    found = documents()
    assert str(found["city-works"].span("spec", "platforms", "onenet-prod", "type")) == "0.yaml:7:7"
    assert str(found["lamp-17"].span("spec", "properties", "Brightness")) == "1.yaml:19:5"
    assert str(found["meters-base"].span("spec", "delivery", "trigger", 1)) == "2.yaml:14:73"
    assert str(found["meters-base"].span("spec", "resources", "/3303/0", "5603", "nothing")) == "2.yaml:10:15"


PIECES = st.sampled_from(
    ["", " ", "\n", "\n  ", ":", ": ", "- ", "{", "}", "[", "]", ",", '"', "'", "#", "&a ", "*a", "<<: ", "!t ", "---\n", "017", "null", "~", "{}", "[]", ".nan", "on", "x", "0", "\t", "secret: ", "value: ", "水"]
)  # fmt: skip


def check_damaged(text):
    """Either right documents or diagnostics; never an exception."""
    found, diagnostics = parse([NamedBytes("f.yaml", text.encode())], schemas())
    for document in found:
        assert not SET.explains(document.kind, document.body)
        json.dumps(document.body, allow_nan=False)
    for diagnostic in diagnostics:
        assert diagnostic.detail
        assert diagnostic.span.line <= text.count("\n") + 1
        assert "\n" not in diagnostic.detail
    return diagnostics


@pytest.mark.parametrize(
    ("text", "whole", "damaged"),
    [
        (PROFILE, "expireAfter: 24h", "expireAfter: "),
        (PROFILE, "expireAfter: 24h", "expireAfter: !!null "),
        (PROFILE, "expireAfter: 24h", "expireAfter: on"),
        (FLEET, "expireAfter: 72h", "expireAfter: "),
        (FLEET, "timeout: 25s", "timeout: "),
        (FLEET, "maxChangedPercent: 30", "maxChangedPercent: "),
    ],
)
def test_a_contract_with_an_empty_value_ends_in_diagnostics(text, whole, damaged):
    assert whole in text
    assert check_damaged(text.replace(whole, damaged))


@given(st.sampled_from([FLEET, DEVICES, PROFILE]), st.data())
@settings(max_examples=400, deadline=None)
def test_damaged_contract_text_ends_in_right_documents_or_diagnostics(text, data):
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 8)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    check_damaged(text)
