"""The words of policies: what the documentation shows can be read, and means what it says."""

import json
import re
from pathlib import Path

import yaml
from layering_kit import NOW

from reconcile.manifest.document import Document
from reconcile.manifest.policy_documents import read_policies
from reconcile.manifest.schema import SchemaSet
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.policy import Subject
from reconcile.runs.shipped import schemas

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/policy.md").read_text(encoding="utf-8")


def policies(body):
    return read_policies([Document("p.yaml", "Policy", body["metadata"]["name"], body, {(): (1, 1)})], NOW)


def test_the_example_of_the_page_has_every_subject_and_no_fault():
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    body = yaml.safe_load(example)
    body["spec"]["waivers"][0]["until"] = str(body["spec"]["waivers"][0]["until"])
    assert not SchemaSet(schemas()).explains("Policy", body)
    found, problems = policies(body)
    assert not problems
    assert {rule.subject for rule in found.rules} == set(Subject)
    by_name = {rule.name: rule for rule in found.rules}
    lab, street = (Device(DeviceRef("onenet-prod", "m"), Identity.of(imei="1"), {"class": "meter", "site": s}) for s in ("lab", "street"))  # fmt: skip
    (waiver,) = by_name["lower-threshold"].waivers
    assert (waiver.covers(lab), waiver.covers(street)) == (True, False)
    assert by_name["lower-threshold"].asks_labels
    assert by_name["reboot-only"].covers(lab)
    assert not by_name["reboot-only"].covers(Device(DeviceRef("ali", "l"), Identity.of(iotId="1"), {}))
    assert [rule.name for rule in found.rules if not rule.denies] == ["dark-and-full"]
    assert [one.path for one in by_name["who-looks"].owned] == ["", "policies"]


def test_the_digest_is_of_what_is_said_and_not_of_where():
    body = {"apiVersion": "reconcile/v1", "kind": "Policy", "metadata": {"name": "a"}, "spec": {"rules": [{"name": "r", "products": ["x"]}]}}  # fmt: skip
    other = json.loads(json.dumps(body).replace('"x"', '"y"'))
    there = Document("elsewhere.yaml", "Policy", "a", body, {(): (9, 9)})
    assert policies(body)[0].digest == read_policies([there], NOW)[0].digest != policies(other)[0].digest


def test_members_that_the_page_names_for_other_engines_are_in_the_schema():
    plan = json.loads(schemas()["plan.schema.json"])
    named = re.findall(r"^\| `(\w+)(?:\[\])?` \| (.*) \|$", PAGE.partition("## For OPA")[2], re.MULTILINE)
    assert [name for name, _ in named] == ["summary", "classes", "steps", "records", "diagnostics", "policy"]
    known = set()

    def walk(node):
        if isinstance(node, dict):
            known.update(node.get("properties", ()))
            known.update(node.get("enum", ()) if all(isinstance(one, str) for one in node.get("enum", ())) else ())
            for member in node.values():
                walk(member)
        elif isinstance(node, list):
            for member in node:
                walk(member)

    walk(plan)
    for name, said in named:
        assert name in plan["properties"]
        assert set(re.findall(r"`([a-z]+)(?:\[\])?`", said)) <= known
