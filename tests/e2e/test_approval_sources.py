"""A yes from somewhere through the command line: signed in the repository, or kept by the host."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract" / "forges"))

from fake_github import serving
from fake_github_approvals import FakeApprovals

from reconcile.gitops.approvals.signed import Words, parts_of
from reconcile.gitops.approvals.ssh_keygen import sign

COMMIT = "c" * 40


def git(desk, *words):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *words], cwd=desk.folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def committed(desk):
    git(desk, "add", "--all", ".")
    git(desk, "commit", "-qm", "x")
    return git(desk, "rev-parse", "HEAD")


@pytest.fixture
def keys(tmp_path):
    made = {}
    for name in ("grace", "mallory"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
        kind, public, *_ = (tmp_path / f"{name}.pub").read_text().split()
        made[name] = (tmp_path / name, f'{name}@example.com namespaces="reconcile-approval" {kind} {public}\n')
    return made


def test_a_signature_of_whom_the_base_names_is_a_yes_and_no_other_is(desk, keys):
    git(desk, "init", "-q", ".")
    signers = desk.folder / desk.manifests / "approvals" / "allowed_signers"
    signers.parent.mkdir()
    signers.write_text(keys["grace"][1])
    base = committed(desk)
    desk.ok("plan", "-o", "a.plan")
    gate = ("ci", "gate", "--plan", "a.plan", "--approval-from", "file", "--base", base)
    signers.write_text(keys["grace"][1] + keys["mallory"][1])  # who may sign is not for the change to say
    committed(desk)
    said = {}

    def tell(name):
        found = desk.ok(*gate, code=4)
        said[name] = found.json["why"]
        return found

    tell("missing")
    written = Path(desk.ok("ci", "approve", "--plan", "a.plan", "--sign-with", keys["mallory"][0]).out.strip())
    file = written if written.is_absolute() else desk.folder / written
    tell("mallory")
    desk.ok("ci", "approve", "--plan", "a.plan", "--sign-with", keys["grace"][0])
    good = desk.ok(*gate).json
    head = desk.ok(*gate[:-1], "HEAD", code=1)
    whole = file.read_bytes()
    words, *_ = parts_of(whole)

    def signed(**other):
        changed = str(Words(**{"digest": words.digest, "state": words.state, "until": words.until, **other})).encode()
        file.write_bytes(changed + sign(changed, keys["grace"][0]))

    signed(state="another")
    tell("another state")
    signed(until=datetime.now(UTC) - timedelta(seconds=2))
    tell("late")
    signed(digest=f"sha256:{'0' * 64}")
    tell("another plan")
    file.write_bytes(whole.replace(b"until 2", b"until 3", 1))
    tell("changed")
    file.write_bytes(b"yes")
    tell("garbage")
    file.unlink()
    file.symlink_to(signers)
    tell("a link")

    assert good["decision"] == "apply"
    assert good["approval"]["who"] == ["grace@example.com"]
    expected = {
        "missing": "nobody signed it",
        "mallory": "signed by nobody",
        "another state": "for another state: another",
        "late": "has expired",
        "another plan": "about another plan",
        "changed": "signed by nobody",
        "garbage": "no signed approval",
        "a link": "nobody signed it",
    }
    assert {name: text in said[name][0] for name, text in expected.items()} == dict.fromkeys(expected, True)
    assert "the commit that is checked out" in head.err


def test_the_review_of_a_run_and_a_check_run_of_an_app_are_a_yes(desk):
    desk.ok("plan", "-o", "a.plan")
    digest = desk.ok("show", "a.plan", "--format", "json").json["digest"]
    with serving(FakeApprovals()) as github:
        env = {"GITHUB_TOKEN": github.token, "GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "acme/fleet",
               "GITHUB_RUN_ID": "41", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_SHA": COMMIT}  # fmt: skip
        gate = ("ci", "gate", "--plan", "a.plan", "--approval-from")
        passing = (*gate, "environment", "--environment", "fleet-approval")
        assert "needs --approved-digest" in desk.ok(*passing, env=env, code=1).err
        passing = (*passing, "--approved-digest", digest)
        assert "nobody approved" in desk.ok(*passing, env=env, code=4).json["why"][0]
        github.review_run("41", "grace")
        assert desk.ok(*passing, env=env).json["approval"] == {
            "source": "environment", "who": ["grace"], "at": None, "digest": digest,
        }  # fmt: skip
        assert desk.ok(*passing, env={**env, "GITHUB_RUN_ATTEMPT": "2"}, code=4).json["approval"] is None

        check = (*gate, "check-run", "--app", "fleet-approver")
        assert "no approval by the app" in desk.ok(*check, env=env, code=4).json["why"][0]
        assert digest in desk.ok("ci", "approve", "--plan", "a.plan", "--check-run", env=env).out
        assert desk.ok(*check, env=env).json["decision"] == "apply"
        refused = desk.ok(*check, env={**env, "GITHUB_TOKEN": "wrong"}, code=1)
        assert "RCL444" in refused.err
        assert "keeps no such approvals" in desk.ok(*passing, "--host", "gitee", env=env, code=1).err
