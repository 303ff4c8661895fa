"""A fleet whose state is in a git ref: what one checkout applied, another one knows."""

import json
import subprocess


def git(*words):
    return subprocess.run(["git", *map(str, words)], capture_output=True, text=True, check=True).stdout


def test_a_fleet_lives_in_a_git_ref_named_by_the_manifests(desk, tmp_path):
    """Applied with nothing beside the repository; a machine that has only the remote sees all of it, and the lease gone."""
    remote = tmp_path / "remote.git"
    git("init", "-q", "--bare", remote)
    fleet = (desk.folder / "manifests" / "fleet.yaml").read_text()
    desk.write({"fleet.yaml": f"{fleet}  state: {{backend: gitref, remote: {remote}, environment: production}}\n"})
    assert desk.ok("state", "ls").out == ""
    assert git("-C", remote, "for-each-ref") == ""
    desk.ok("apply", "--yes")
    sent = len(desk.cloud.sent())
    shown = git("-C", remote, "ls-tree", "-r", "--name-only", "refs/reconcile/state/production").splitlines()
    assert {"meta.json", "leases.jsonl", "journal/0000/000.jsonl"} <= set(shown)
    assert (
        json.loads(git("-C", remote, "show", "refs/reconcile/state/production:leases.jsonl").splitlines()[0])["owner"]
        is None
    )
    elsewhere = {"RECONCILE_STATE": f"gitref:{remote}#production"}
    assert len(desk.ok("state", "ls", env=elsewhere).out.splitlines()) == 3
    assert "Nothing to send" in desk.ok("plan", env=elsewhere).out
    assert len(desk.cloud.sent()) == sent
    done = desk.ok("apply", "--yes", env={"RECONCILE_STATE": f"gitref:{tmp_path}/none.git#production"}, code=1)
    assert "RCL500" in done.err
    assert "cannot be asked" in done.err
