"""What a pull request can leave for the comment job, which holds a token that writes: poison, and what becomes of it."""

import io
import json
import zipfile

import pytest
from inside import called
from workflow_fleet import FLEET
from workflow_runner import Run

HEAD = "feature"
MACHINE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def zipped(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@pytest.fixture
def told(host):
    """Ends a run of `plan` of pull request 7 that left these files; what the comment job did."""
    commit = host.commit(HEAD, {"manifests/more.yaml": ""})
    host.github.open_pull(7, "acme", HEAD, commit)
    host.github.open_pull(8, "acme", "other", "b" * 40)

    def run(files, branch=HEAD, head=commit):
        left = Run(host, "900", "pull_request", {}, "refs/pull/7/merge", commit)
        host.github.artifacts["900", "plan"] = zipped(files)
        (made,) = host.completed(left, "plan", "acme", branch, head)
        host.folder = host.folder / "again"
        host.folder.mkdir()
        return made

    return run


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """A plan of an empty fleet as `--format json` writes it."""
    folder = tmp_path_factory.mktemp("honest")
    (folder / "manifests").mkdir()
    fleet = FLEET.format(url="http://127.0.0.1:9").rpartition("  state:")[0]
    (folder / "manifests" / "fleet.yaml").write_text(fleet, encoding="utf-8")
    code, out, err = called(["plan", "--refresh", "none", "--format", "json"], folder, MACHINE | {"HOME": str(folder)})
    assert code == 0, err
    return json.loads(out)


def test_an_honest_plan_is_a_comment_on_the_pull_request_that_github_names(host, told, honest):
    run = told({"plan.json": json.dumps(honest), "report.html": "<script>alert(1)</script>"})

    assert run.conclusion == "success", run.said()
    assert [one["pull"] for one in host.github.comments.values()] == ["7"]
    assert not any("checkout" in step.get("uses", "") for step in run.jobs["comment"].said["steps"])
    assert host.github.asked[:1] == [("actions", "read")]


@pytest.mark.parametrize("name", ["../plan.json", "/tmp/plan.json", "a/../../b"])
def test_a_name_in_the_archive_leads_nowhere_and_nothing_runs_after_it(host, told, name):
    run = told({name: "{}"})

    assert run.conclusion == "failure"
    assert "leads out" in run.said()
    assert "reconcile ci" not in run.said()
    assert host.github.comments == {}


POISON = {
    "no file": None,
    "nothing": "",
    "no JSON": "<html><script>evil()</script></html>",
    "not a plan": "[]",
    "another schema": '{"format": "evil/1", "digest": "sha256:0"}',
    "deep": "[" * 200_000,
    "a number without end": '{"format": ' + "9" * 6_000 + "}",
    "a name twice": '{"format": "a", "format": "b"}',
    "not UTF-8": b"\xff\xfe{}",
    "another digest": lambda plan: {**plan, "digest": "sha256:" + "e" * 64},
    "another pull request's number": lambda plan: {**plan, "pull_request": 8},
    "another host to post to": lambda plan: {**plan, "api_url": "https://evil.example"},
    "markup as digest": lambda plan: {**plan, "digest": "--><script>evil()</script>"},
    "no summary": lambda plan: {name: one for name, one in plan.items() if name != "summary"},
    "invented requests": lambda plan: {**plan, "summary": {**plan["summary"], "requests": {"evil": 5}}},
    "blocked no more": lambda plan: {**plan, "steps": [{"evil": True}]},
}


@pytest.mark.parametrize("name", POISON)
def test_what_is_no_plan_of_ours_is_refused_before_github_is_asked(tmp_path, honest, name):
    content = POISON[name](honest) if callable(POISON[name]) else POISON[name]
    path = tmp_path / "plan.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else
                         (content if isinstance(content, str) else json.dumps(content)).encode())  # fmt: skip
    event = tmp_path / "event.json"
    event.write_text("{}", encoding="utf-8")
    env = MACHINE | {"GITHUB_TOKEN": "ghs_x", "GITHUB_API_URL": "http://127.0.0.1:9"}
    code, out, err = called(["ci", "comment", "--from-json", str(path), "--post-to-run", str(event)], tmp_path, env)

    assert code == 1, (out, err)
    assert "RCL" in err
    assert "internal error" not in err
    assert "evil" not in out + err
    assert "could not be reached" not in err
