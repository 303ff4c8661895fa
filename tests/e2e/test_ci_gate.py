"""The gate through the command line: what was approved goes on, what came in asks."""


def test_a_plan_goes_on_until_something_comes_in(desk):
    desk.ok("plan", "-o", "approved.plan")
    digest = desk.ok("show", "approved.plan", "--format", "json").json["digest"]
    desk.ok("apply", "--yes", "--device", "lamp-1")
    desk.ok("plan", "-o", "now.plan")

    assert desk.ok("ci", "gate", "--plan", "now.plan", code=4).json["decision"] == "ask"
    less = desk.ok("ci", "gate", "--plan", "now.plan", "--approved", "approved.plan", "--approved-digest", digest).json
    assert less["decision"] == "apply"
    assert desk.ok("ci", "gate", "--plan", "now.plan", "--approved-digest", digest, code=4).json["decision"] == "ask"

    desk.edit("meters.yaml", "-20.0", "-30.0")
    desk.ok("plan", "-o", "now.plan")
    more = desk.ok("ci", "gate", "--plan", "now.plan", "--approved", "approved.plan", code=4).json
    assert more["grown"]["devices"] == 2
    assert more["grown"]["sample"] == ["onenet-prod/meter-1", "onenet-prod/meter-2"]

    desk.ok("apply", "--yes")
    desk.ok("plan", "-o", "now.plan")
    assert desk.ok("ci", "gate", "--plan", "now.plan").json["decision"] == "nothing"


def test_a_file_that_is_not_what_was_approved_is_refused(desk):
    desk.ok("plan", "-o", "a.plan")

    refused = desk.ok("ci", "gate", "--plan", "a.plan", "--approved", "a.plan", "--approved-digest", "sha256:0", code=1)

    assert "RCL303" in refused.err
