"""`reconcile init`: what it writes, what it leaves alone, and that the first pipeline of a new repository runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from inside import called

SOURCE = f"acme/reconcile@{'1234567890' * 4}"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
ENV = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull}


def init(folder, *words, code=0):
    got, out, err = called(["init", *words], folder, ENV)
    assert got == code, out + err
    return out, err


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_writes_nothing_and_is_content(tmp_path):
    out, _ = init(tmp_path, "--ci", "github", "--from", SOURCE)
    before = files(tmp_path)

    assert out.count("wrote ") == len(before)
    assert init(tmp_path, "--ci", "github", "--from", SOURCE)[0] == ""
    assert files(tmp_path) == before


def test_what_was_changed_is_named_and_kept_until_it_is_forced(tmp_path):
    init(tmp_path, "--ci", "gitlab", "--from", SOURCE)
    (tmp_path / "ci/plan.sh").write_text("mine\n", encoding="utf-8")
    (tmp_path / ".gitlab-ci.yml").unlink()

    out, err = init(tmp_path, "--ci", "gitlab", "--from", SOURCE, code=1)
    assert out == "wrote .gitlab-ci.yml\n"
    assert "kept ci/plan.sh" in err
    assert (tmp_path / "ci/plan.sh").read_text(encoding="utf-8") == "mine\n"

    assert init(tmp_path, "--ci", "gitlab", "--from", SOURCE, "--force", "ci/plan.sh")[0] == "wrote ci/plan.sh\n"


def test_somebodys_fleet_is_left_alone(tmp_path):
    fleet = tmp_path / "manifests/own/fleet.yml"
    fleet.parent.mkdir(parents=True)
    fleet.write_text("kind: Fleet\n", encoding="utf-8")
    init(tmp_path, "--ci", "generic")

    assert [name for name in files(tmp_path) if name.startswith("manifests/")] == ["manifests/own/fleet.yml"]


def test_a_repository_keeps_its_own_readme_and_learns_what_its_gitignore_lacks(tmp_path):
    (tmp_path / "README.md").write_text("ours\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("*.plan\nplan.json\n", encoding="utf-8")

    _, err = init(tmp_path, "--ci", "github", "--from", SOURCE)
    assert "kept .gitignore: it lacks .reconcile/, report.html, comment.md" in err
    assert "kept README.md" in err
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "ours\n"


def test_a_fleet_whose_state_no_job_would_find_again_is_told(tmp_path):
    init(tmp_path)
    fleet = tmp_path / "manifests/fleet.yaml"
    fleet.write_text(fleet.read_text(encoding="utf-8").replace("name: fleet", "name: city"), encoding="utf-8")

    _, err = init(tmp_path, "--ci", "github")  # its README names no pipeline yet
    assert "backend: gitref" in err
    assert "kept README.md" in err
    assert "kept manifests" not in err
    fleet.write_text(
        fleet.read_text(encoding="utf-8").replace("backend: sqlite", "backend: postgres"), encoding="utf-8"
    )
    assert "backend: gitref" not in init(tmp_path, "--ci", "github")[1]
    assert "wrote manifests/fleet.yaml" in init(tmp_path, "--ci", "github", "--force", "manifests/fleet.yaml")[0]


def test_nothing_is_written_through_a_link(tmp_path):
    inside, outside = tmp_path / "fleet", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "ci").symlink_to(outside)

    _, err = init(inside, "--ci", "generic", code=1)
    assert "leads out" in err
    assert files(outside) == {}


@pytest.mark.parametrize(
    "words", [("--from", "acme/reconcile@main"), ("--branch", "a b"), ("--force", "none"), ("--ci", "x")]
)
def test_words_that_mean_nothing_are_refused_before_anything_is_written(tmp_path, words):
    called(["init", *words], tmp_path, ENV)
    assert files(tmp_path) == {}


def test_a_commit_that_nobody_named_is_told(tmp_path):
    assert "placeholder" in init(tmp_path, "--ci", "gitea")[1]
    assert "占位符" in called(["--lang", "zh", "init", "--ci", "gitea"], tmp_path, ENV)[2]


def test_the_first_pipeline_of_a_new_repository_runs_on_an_empty_state(tmp_path):
    """The scripts that `--ci generic` writes, as a job would run them, against a bare repository on disk."""
    remote, fleet = tmp_path / "remote.git", tmp_path / "fleet"

    def run(*words):
        done = subprocess.run(words, cwd=fleet, env=ENV, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    fleet.mkdir()
    init(fleet, "--ci", "generic", "--from", SOURCE)
    run("git", "init", "--quiet", "--initial-branch=main", ".")
    run("git", "init", "--quiet", "--bare", str(remote))
    run("git", "remote", "add", "origin", str(remote))
    run("git", "add", ".")
    run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "A fleet")
    run("sh", "ci/plan.sh")
    assert "<!-- reconcile comment=plan" in (fleet / "comment.md").read_text(encoding="utf-8")
    assert run("git", "ls-remote", "origin", "refs/reconcile/*") == ""
    run("sh", "ci/apply.sh")

    assert run("git", "ls-remote", "origin", "refs/reconcile/*").endswith("refs/reconcile/state/production\n")
    assert run("git", "status", "--short") == ""
