"""Late, repeated and reordered jobs: whatever their order, the newest commit stands in the end."""

import itertools
import subprocess

import pytest


def git(desk, *words, folder=None):
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *words], cwd=folder or desk.folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def commits(desk):
    """Three commits, each with another brightness; nothing is applied."""
    git(desk, "init", "-q", "-b", "main")
    (desk.folder / ".gitignore").write_text(".reconcile/\n*.plan\n")
    made = []
    for old, new in (("60", "61"), ("61", "62"), ("62", "63")):
        desk.edit("lamps.yaml", f"Brightness: {old}", f"Brightness: {new}")
        git(desk, "add", "-A")
        git(desk, "commit", "-q", "-m", new)
        made.append(git(desk, "rev-parse", "HEAD"))
    return made


def brightness(cloud):
    return cloud.lamp()["desired"]["Brightness"]["value"]


def job(desk, commit):
    """What a pipeline does for a push of this commit; its exit code."""
    git(desk, "checkout", "-q", commit)
    return desk.run("apply", "--yes", "--device", "lamp-1")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_jobs_in_any_order_end_at_the_newest_commit(desk, cloud, commits, order):
    newest = -1
    for number in (*order, *order):
        done = job(desk, commits[number])
        is_late = number < newest

        assert done.code == (1 if is_late else 0), done.err
        assert ("RCL310" in done.err) == is_late
        newest = max(newest, number)
        assert brightness(cloud) == 61 + newest


def test_a_plan_saved_before_a_newer_commit_was_applied_is_refused(desk, cloud, commits):
    git(desk, "checkout", "-q", commits[0])
    desk.ok("apply", "--yes", "--device", "meter-2")
    desk.ok("plan", "--device", "lamp-1", "-o", "old.plan")
    git(desk, "checkout", "-q", commits[2])
    desk.ok("apply", "--yes", "--device", "meter-1")

    late = desk.ok("apply", "old.plan", code=1)

    assert "RCL310" in late.err
    assert [entry for entry in cloud.sent() if "Desired" in entry["operation"]] == []


def test_going_back_is_a_newer_commit_or_said_aloud(desk, cloud, commits):
    job(desk, commits[2])
    assert job(desk, commits[0]).code == 1
    desk.ok("apply", "--yes", "--older", "--device", "lamp-1")
    assert brightness(cloud) == 61
    assert job(desk, commits[1]).code == 0, "it is newer than what was applied last"
    git(desk, "checkout", "-q", "main")
    git(desk, "revert", "--no-edit", "HEAD")
    assert job(desk, "HEAD").code == 0
    assert brightness(cloud) == 62


def test_a_clone_that_does_not_know_the_newer_commit_goes_on(desk, commits, tmp_path):
    job(desk, commits[2])
    state = desk.folder / "manifests/.reconcile/state.db"
    shallow = tmp_path / "shallow"
    git(desk, "clone", "-q", "--depth", "1", f"file://{desk.folder}", str(shallow))
    git(desk, "commit", "-q", "--allow-empty", "-m", "newest")
    job(desk, "main")

    desk.folder = shallow
    assert desk.run("--state", f"sqlite:///{state}", "apply", "--yes", "--device", "lamp-1").code == 0
