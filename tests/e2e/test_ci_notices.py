"""Notices, metrics and the badge through the command line, to a room on a real socket."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


@pytest.fixture
def room():
    """A chat room that keeps what it is told."""
    told = []

    class Room(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"errcode": 0}')

        def log_message(self, *_):
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Room) as server:
        server.told, thread = told, threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_plan_and_its_apply_are_told_and_counted(desk, room):
    env = {"RECONCILE_NOTIFY_URL": f"http://127.0.0.1:{room.server_port}/robot?access_token=T"}
    desk.ok("plan", "-o", "city.plan")
    desk.ok("ci", "notify", "--to", "dingtalk", "--plan", "city.plan", "--name", "city", env=env)
    events = desk.ok("apply", "--yes", "--json-events")
    (desk.folder / "events.jsonl").write_text(events.out)
    desk.ok("ci", "notify", "--to", "dingtalk", "--events", "events.jsonl", "--only-bad", env=env)
    desk.ok("--lang", "zh", "ci", "notify", "--to", "wecom", "--events", "events.jsonl", env=env)

    (path, first), (_, second) = room.told
    assert path.startswith("/robot?access_token=T")
    assert "3 of 3 devices would change" in first["text"]["content"]
    assert "完成" in second["text"]["content"]
    figures = desk.ok("ci", "metrics", "--plan", "city.plan").out.splitlines()
    assert 'reconcile_devices{standing="queued"} 2' in figures
    assert 'reconcile_plan_devices{kind="changing"} 3' in figures
    desk.ok("ci", "badge", "--out", "badge.svg")
    assert "0 % confirmed" in (desk.folder / "badge.svg").read_text()


def test_without_an_address_it_is_said_which_variable_wants_it(desk):
    desk.ok("plan", "-o", "city.plan")

    refused = desk.ok("ci", "notify", "--to", "slack", "--plan", "city.plan", code=1)

    assert "RECONCILE_NOTIFY_URL" in refused.err
    assert "would change" in desk.ok("ci", "notify", "--to", "slack", "--plan", "city.plan", "--dry-run").out
