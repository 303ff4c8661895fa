"""Going back to a commit, and what became of a device: real git, the real command line, the emulator."""

import json
import subprocess

import pytest

OTHERS = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: others}
spec: {selector: {matchLabels: {class: pump}}, resources: {/3303/0/5603: -1.0}}
"""
VALUE = "/3303/0/5603: -20.0"


@pytest.fixture
def repo(desk):
    """The desk's folder as a repository with one commit, applied."""
    git(desk, "init", "-q", "-b", "main")
    (desk.folder / ".gitignore").write_text(".reconcile/\n")
    commit(desk, "Declare two meters and a lamp")
    desk.ok("apply", "--yes")
    return desk


def git(desk, *words):
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *words], cwd=desk.folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(desk, subject):
    git(desk, "add", "-A")
    git(desk, "commit", "-q", "-m", subject)
    return git(desk, "rev-parse", "HEAD")


def text(desk, name):
    return (desk.folder / "manifests" / name).read_text()


def test_going_back_is_shown_then_written_then_applied_like_any_edit(repo):
    first = git(repo, "rev-parse", "HEAD")
    repo.edit("meters.yaml", VALUE, "/3303/0/5603: -30.0")
    (repo.folder / "manifests/lamps.yaml").unlink()
    repo.write({"sub/new.yaml": OTHERS})
    commit(repo, "Three edits")
    repo.ok("apply", "--yes")
    before = len(repo.cloud.sent())

    shown = repo.ok("rollback", "HEAD~1", "--format", "json")

    assert shown.json["base"]["commit"] == first
    assert {c["after"] for g in shown.json["classes"] for c in g["changes"] if c["resource"] == "/3303/0/5603"} >= {
        -20.0
    }
    for line in ("changed back: meters.yaml", "added back: lamps.yaml", "removed: sub/new.yaml"):
        assert line in shown.err
    assert "-30.0" in text(repo, "meters.yaml")
    assert git(repo, "status", "--porcelain") == ""
    assert len(repo.cloud.sent()) == before

    repo.ok("rollback", first, "--write")

    git(repo, "add", "-A")
    assert git(repo, "diff", "--cached", "--stat", first, "--", "manifests") == ""
    assert not (repo.folder / "manifests/sub/new.yaml").exists()
    commit(repo, "Go back")
    repo.ok("apply", "--yes")
    assert repo.ok("rollback", "HEAD", "--format", "json").json["classes"] == []


def test_what_is_not_committed_is_never_overwritten(repo):
    repo.edit("meters.yaml", VALUE, "/3303/0/5603: -30.0")
    commit(repo, "Colder")
    repo.edit("meters.yaml", "-30.0", "-31.0")

    refused = repo.ok("rollback", "HEAD~1", "--write", code=1)

    assert "RCL442" in refused.err
    assert "meters.yaml" in refused.err
    assert "-31.0" in text(repo, "meters.yaml")


def test_a_cut_short_write_is_finished_by_the_same_command(repo):
    first = git(repo, "rev-parse", "HEAD")
    was = text(repo, "meters.yaml")
    repo.edit("meters.yaml", VALUE, "/3303/0/5603: -30.0")
    repo.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    commit(repo, "Two edits")
    repo.write({"meters.yaml": was})

    repo.ok("rollback", first, "--write")

    assert git(repo, "diff", "--stat", first, "--", "manifests") == ""


@pytest.mark.parametrize("name", ["nonsense", "--upload-pack=touch x", "HEAD~99"])
def test_no_such_commit_is_said(repo, name):
    assert "RCL441" in repo.ok("rollback", "--", name, code=1).err


def test_without_git_it_is_said(desk):
    assert "not in a git repository" in desk.ok("rollback", "HEAD", code=1).err
    assert "No commits" in desk.ok("history", "lamp-1").out


def test_history_joins_commits_and_deliveries_of_one_device_in_order(repo):
    repo.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    commit(repo, "Brighter::error::x")
    repo.ok("apply", "--yes")
    repo.edit("meters.yaml", VALUE, "/3303/0/5603: -30.0")
    commit(repo, "Another device")
    (repo.folder / "manifests/lamps.yaml").unlink()
    commit(repo, "Without the lamp")

    found = repo.ok("history", "aliyun-prod/lamp-1", "--format", "json").json["history"]

    subjects = [one["subject"] for one in found if one["kind"] == "commit"]
    assert subjects == ["Declare two meters and a lamp", "Brighter::error::x", "Without the lamp"]
    brighter = next(one for one in found if one.get("subject", "").startswith("Brighter"))
    assert brighter["changes"] == [{"name": "Brightness", "before": 60, "after": 70}]
    assert [one["state"] for one in found if one["kind"] == "attempt"] == ["DONE", "DONE"]
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    told = repo.ok("history", "lamp-1").out
    assert "60 → 70" in told
    assert "no longer declared" in told
    assert "的历史" in repo.ok("--lang", "zh", "history", "lamp-1").out


def test_history_says_what_it_did_not_read_and_what_it_could_not(repo):
    repo.write({"broken.yaml": "kind: [\n"})
    commit(repo, "Break it")
    (repo.folder / "manifests/broken.yaml").unlink()
    commit(repo, "Mend it")
    repo.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    commit(repo, "Brighter")

    whole = repo.ok("history", "lamp-1", "--format", "json").json
    cut = repo.ok("history", "lamp-1", "-n", "2", "--format", "json").json

    assert [one["subject"] for one in whole["history"] if one.get("errors")] == ["Break it"]
    assert not whole["cut"]
    assert cut["cut"]
    assert [one["subject"] for one in cut["history"] if one["kind"] == "commit"] == ["Brighter"]


def test_a_commit_is_read_as_it_is_whatever_its_attributes_and_links_say(repo):
    (repo.folder / "manifests/link.yaml").symlink_to("/etc/passwd")
    repo.write({".gitattributes": "*.yaml filter=evil export-subst\n"})
    git(repo, "config", "filter.evil.smudge", "touch ran")
    commit(repo, "A link")

    refused = repo.ok("rollback", "HEAD", code=1)

    assert "symbolic link" in refused.err
    assert not (repo.folder / "ran").exists()
    assert "passwd" not in json.dumps([refused.out, refused.err])
