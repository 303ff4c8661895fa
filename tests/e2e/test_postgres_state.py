"""A fleet whose state is in PostgreSQL: the same commands, the same answers, and a way there and back."""

import json

import pytest


@pytest.fixture
def url(postgres_server, tmp_path):
    """A schema of this test's own."""
    return f"{postgres_server.url()}?schema=e2e_{abs(hash(tmp_path))}"


def test_a_fleet_lives_in_postgres_and_moves_to_a_file_and_back(desk, url, tmp_path):
    """Applied, listed, shown, mended, exported; imported elsewhere the next plan is empty."""
    here = {"RECONCILE_STATE": url}
    assert desk.ok("state", "ls", env=here).out == ""
    desk.ok("apply", "--yes", env=here)
    listed = desk.ok("state", "ls", env=here).out
    assert len(listed.splitlines()) == 3
    assert not (desk.folder / "manifests" / ".reconcile").exists()
    assert json.loads(desk.ok("state", "show", "lamp-1", env=here).out)["device"] == "aliyun-prod/lamp-1"
    sent = len(desk.cloud.sent())

    exported = desk.ok("state", "export", env=here).out
    (desk.folder / "state.jsonl").write_text(exported)
    file = {"RECONCILE_STATE": "sqlite:///moved.db"}
    desk.ok("state", "import", "state.jsonl", env=file)
    assert desk.ok("state", "export", env=file).out == exported
    back = {"RECONCILE_STATE": f"{url}_back"}
    desk.ok("state", "import", "state.jsonl", env=back)
    assert desk.ok("state", "export", env=back).out == exported
    for place in (here, file, back):
        assert "Nothing to send" in desk.ok("plan", env=place).out
        desk.ok("apply", "--yes", env=place)
    assert len(desk.cloud.sent()) == sent, "what was sent is known wherever the state lies"

    desk.ok("state", "replace", "lamp-1", "lamp-1", "--yes", env=back)
    desk.ok("state", "rm", "lamp-1", "--yes", env=back)
    assert "lamp-1" not in desk.ok("state", "ls", env=back).out
    assert desk.ok("state", "ls", env=here).out == listed


def test_the_manifests_name_the_state_and_the_environment_has_its_address(desk, url):
    """`{env: NAME}`; without it the command says what is missing, and sends nothing."""
    fleet = (desk.folder / "manifests" / "fleet.yaml").read_text()
    desk.write({"fleet.yaml": f"{fleet}  state: {{backend: postgres, url: {{env: STATE_URL}}}}\n"})
    done = desk.ok("apply", "--yes", code=1)
    assert "STATE_URL is not set" in done.err
    assert desk.cloud.sent() == []
    desk.ok("apply", "--yes", env={"STATE_URL": url})
    assert len(desk.ok("state", "ls", env={"STATE_URL": url}).out.splitlines()) == 3


def test_a_server_that_is_not_there_is_told_without_the_password(desk):
    """Before anything is sent."""
    done = desk.ok("--state", "postgresql://me:hunter2@127.0.0.1:1/db", "apply", "--yes", code=1)
    assert "RCL500" in done.err
    assert "cannot be reached" in done.err
    assert "me@127.0.0.1:1/db" in done.err
    assert "hunter2" not in done.err + done.out
    assert desk.cloud.sent() == []
