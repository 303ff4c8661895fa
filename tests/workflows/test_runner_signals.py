"""What GitHub's runner does to an apply that is cancelled, done to the step of apply.yml: SIGINT, SIGTERM, SIGKILL.

The runner waits 7.5 s and then 2.5 s; here a half or a tenth of that. It signals the step's shell alone, so that `exec` counts.
"""

import signal
from collections import Counter

import pytest
from desk import wait_for
from workflow_fleet import FLEET, LAMPS
from workflow_runner import cancel

PATIENT, HASTY = 0.5, 0.1
"""Of the runner's waits. A request that hangs is given up by us after some seconds, which the hasty one does not wait."""
LAMP = """\
---
apiVersion: reconcile/v1
kind: Device
metadata: {{name: {0}}}
spec: {{platform: aliyun-prod, productKey: a1BwAGVxxxx, properties: {{Brightness: 60}}}}
"""


@pytest.fixture
def lamps(host, cloud):
    """Six lamps on main, of which at most four a second are told."""
    host.reviewers["fleet-approval"] = host.says_yes
    fleet = FLEET.format(url=cloud.url).replace("region:", "quota: {requestsPerSecond: 4}\n      region:")
    host.commit("main", {"manifests/fleet.yaml": fleet, "manifests/l.yaml": "".join(map(LAMP.format, LAMPS))})


def cancelled(host, when, factor):
    """The run of apply.yml for main, cancelled as soon as something is so, and the last signal that it took."""
    took = []

    def cancels(text, process):
        if "exec reconcile apply" in text:
            wait_for(when)
            took.append(cancel(process, factor))

    host.cancels = cancels
    (run,) = host.pushed()
    host.cancels = None
    assert took, run.said()
    return run, took[0]


def told(cloud):
    """How often each lamp was told something that took effect."""
    return Counter(entry["device"] for entry in cloud.log("set_desired") if entry["landed"])


@pytest.mark.usefixtures("lamps")
def test_a_cancelled_apply_ends_in_order_and_the_next_one_finishes(host, cloud):
    """What was begun (here: all six, written down together) is finished, and the state is left whole."""
    run, took = cancelled(host, lambda: told(cloud), PATIENT)

    assert took == signal.SIGINT, run.said()
    assert "stopping: requests on their way are finished" in run.said()
    (rest,) = host.pushed()
    assert rest.conclusion == "success", rest.said()
    assert sorted(told(cloud).values()) == [1] * len(LAMPS), "every lamp once"


@pytest.mark.usefixtures("lamps")
def test_an_apply_that_does_not_end_is_killed_and_the_next_one_settles_what_is_in_doubt(host, cloud):
    """Its request hangs, and the runner's patience ends. The next push settles the attempt before it plans."""
    cloud.post("/faults", {"rules": [{"match": {"operation": "set_desired", "nth": 2}, "fault": "slow:600"}]})
    run, took = cancelled(host, lambda: len(cloud.log("set_desired")) >= 2, HASTY)

    assert took in (signal.SIGTERM, signal.SIGKILL), run.said()
    assert run.conclusion == "failure"
    cloud.post("/faults", {"rules": []})
    (rest,) = host.pushed()
    assert rest.conclusion == "success", rest.said()
    assert sorted(told(cloud).values()) == [1] * len(LAMPS), "every lamp once"
