"""A pull request that means harm, through the workflows themselves: where its keys go, what its words do, what it reads."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from desk import KEYS, LAMPS
from workflow_fleet import FLEET


@pytest.fixture
def trap():
    """A server that a head names in place of a cloud, and who came."""
    came = []

    def note(handler):
        came.append(handler.path)
        handler.send_error(500)

    quiet = {"log_message": lambda *_: None}
    handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": note, "do_POST": note, **quiet})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()


@pytest.fixture
def tried(host):
    """The plan of a pull request with these files: its run."""

    def run(files, **more):
        host.commit("hostile", files)
        (made,) = host.pull(7, "hostile", **more)
        return made

    return run


def test_keys_go_to_the_addresses_of_the_base_alone(host, cloud, trap, tried):
    address, came = trap
    fleet = FLEET.format(url=address)
    run = tried({"manifests/fleet.yaml": fleet, "manifests/lamps.yaml": LAMPS})

    assert came == [], run.said()
    assert cloud.log(), "the clouds of the base were asked"
    assert not any(key in run.said() for key in KEYS.values())
    assert run.conclusion == "success", run.said()


def test_a_fork_is_planned_without_keys_and_asks_no_cloud(host, cloud, tried):
    run = tried({"manifests/lamps.yaml": LAMPS}, owner="mallory", is_fork=True)

    assert run.conclusion == "success", run.said()
    assert cloud.log() == []
    assert [one["pull"] for one in host.github.comments.values()] == ["7"]
