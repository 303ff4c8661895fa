"""The whole story, by the workflows that `init` writes: branch, comment, approval, merge, apply, drift issue, closed."""

from desk import LAMPS, METERS

LAMP = LAMPS.replace("Brightness: 60", "Brightness: {value: 60, onDrift: report}")


def test_from_a_branch_to_a_drift_that_was_mended(host, cloud):
    github = host.github
    host.commit("lamps", {"manifests/lamps.yaml": LAMP, "manifests/meters.yaml": METERS})
    (planned,) = host.pull(7, "lamps")

    assert planned.conclusion == "success", planned.said()
    assert "lamp-1" in planned.jobs["plan"].summary
    commented = host.runs[-1]
    assert commented.conclusion == "success", commented.said()
    (comment,) = github.comments.values()
    assert comment["pull"] == "7"
    assert "Brightness" in comment["body"]
    assert cloud.sent() == [], "a preview sends nothing"

    host.commit("lamps", {"manifests/lamps.yaml": LAMP.replace("60", "65")})
    host.pull(7, "lamps")
    assert list(github.comments) == [str(comment["id"])], "the comment is edited, not repeated"
    assert "65" in github.comments[str(comment["id"])]["body"]

    host.reviewers["fleet-approval"] = lambda run: False
    (refused,) = host.merge(7, "lamps")
    assert {name: job.result for name, job in refused.jobs.items()} == {
        "settle": "success", "plan": "success", "approve": "failure", "apply": "skipped"
    }, refused.said()  # fmt: skip
    assert cloud.sent() == [], "nobody said yes"

    host.reviewers["fleet-approval"] = host.says_yes
    (applied,) = host.pushed()
    assert applied.conclusion == "success", applied.said()
    assert cloud.lamp()["desired"]["Brightness"]["value"] == 65
    sent = len(cloud.sent())
    assert sent == 3
    del host.reviewers["fleet-approval"]
    (again,) = host.pushed()
    assert again.jobs["approve"].result == "skipped", again.said()
    assert again.conclusion == "success", again.said()
    assert len(cloud.sent()) == sent, "what is in place is sent by no later job"

    (quiet,) = host.scheduled("drift")
    assert quiet.conclusion == "success", quiet.said()
    assert github.issues == {}
    cloud.post("/devices/aliyun/a1BwAGVxxxx/lamp-1/console", {"Brightness": 5})
    host.scheduled("drift")
    (issue,) = github.issues.values()
    assert issue["state"] == "open"
    assert "Brightness" in issue["body"]
    cloud.post("/devices/aliyun/a1BwAGVxxxx/lamp-1/console", {"Brightness": 65})
    host.scheduled("drift")
    assert [one["state"] for one in github.issues.values()] == ["closed"]
    assert len(cloud.sent()) == sent, "drift that is only to be reported is left alone"
    assert {level for _, level in github.asked} <= {"read", "write"}
