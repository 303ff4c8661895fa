"""A plan's JSON document is read back as the plan it was, or refused with the place where it goes wrong."""

import json

import pytest
from report_plans import empty_plan, large_plan

from reconcile.model.errors import PlanRefused
from reconcile.report.document import plan_json
from reconcile.runs.plan_document import read_plan_document


@pytest.fixture
def place(tmp_path):
    def write(body):
        path = tmp_path / "plan.json"
        path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
        return path

    return write


def _body():
    return json.loads("".join(plan_json(large_plan())))


@pytest.mark.parametrize("plan", [large_plan(), empty_plan()], ids=["large", "empty"])
def test_a_document_is_read_back_as_its_plan(place, plan):
    assert read_plan_document(place("".join(plan_json(plan)))) == plan


def _with_request(body):
    body["steps"][0]["request"]["data"][0]["val"] = 99.0


def _with_few_devices(body):
    body["classes"][0]["devices"] = 1


def _with_no_requests(body):
    body["summary"]["requests"] = {}


def _with_unknown_member(body):
    body["held"][0]["<script>"] = 1


def _with_other_device(body):
    body["records"][0]["device"] = "onenet-prod/other"


@pytest.mark.parametrize(
    ("poison", "word"),
    [
        (_with_request, "digest"),
        (_with_few_devices, "contradicts itself: the devices"),
        (_with_no_requests, "contradicts itself: the requests"),
        (_with_unknown_member, "at held/0, rule `additionalProperties`"),
        (_with_other_device, "not a whole plan"),
        (lambda body: body.update(digest=1), "at digest, rule `type`"),
        (lambda body: body.pop("steps"), "at its top, rule `required`"),
    ],
    ids=["request", "class", "totals", "member", "device", "digest", "steps"],
)
def test_a_poisoned_document_is_refused(place, poison, word):
    body = _body()
    poison(body)
    with pytest.raises(PlanRefused, match=word) as refused:
        read_plan_document(place(body))
    assert "script" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[" * 100_000, "[]", "null", "{", '{"format": "reconcile-plan/1"}'])
def test_what_is_no_plan_at_all_is_refused(place, text):
    with pytest.raises(PlanRefused):
        read_plan_document(place(text))


def test_a_missing_file_says_how_one_is_made(tmp_path):
    with pytest.raises(PlanRefused, match="--format json="):
        read_plan_document(tmp_path / "none.json")
