"""`doctor --prove` on a thing of OneNET's current platform: its desired values stand as before."""

import pytest
from desk import FLEET, Cloud, Desk, serving
from doctor_kit import answers_of, prove_here

THING = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: valve-9}
spec: {platform: onenet-prod, productId: 9MaNe52pNO, properties: {Brightness: 60, Ratio: 2.5}}
"""


@pytest.fixture
def valve(tmp_path, request):
    """A device of a OneJSON product that holds what the manifests say, recorded as such."""
    with serving([{"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": "valve-9"}]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("onenet-prod",))
        token = "accessKey: {env: ONENET_ACCESS_KEY}, resource: userid/38055"
        api = getattr(request, "param", "current")
        fleet = FLEET[: FLEET.index("    aliyun-prod:")].replace("api: classic", f"api: {api}")
        fleet = fleet.replace("masterKey: {env: ONENET_MASTER_KEY}", token)
        desk.write({"fleet.yaml": fleet.replace("type: onenet\n", "type: onenet\n      projectId: ocgzVU\n")})
        desk.write({"valve.yaml": THING})
        desk.ok("apply", "--yes")
        yield desk


def desired_of(desk):
    return {path: one["value"] for path, one in desk.cloud.get("/devices/onenet/9MaNe52pNO/valve-9")["desired"].items()}


@pytest.mark.parametrize(
    ("valve", "switches"),
    [
        ("current", {"conditional_delete": "fails", "desired_version_type": "int"}),
        ("studio", {"conditional_delete": "ignored", "desired_version_type": "string"}),
    ],
    indirect=["valve"],
)
def test_the_sheet_of_a_thing_says_what_the_emulator_is_set_to(valve, switches):
    before = desired_of(valve)
    valve.cloud.post("/switches", switches)
    proof, sheet = prove_here(valve, "valve-9")
    assert sheet["switches"] == switches
    assert answers_of(sheet) == {
        **{f"onenet.{name}": answer for name, answer in switches.items()},
        "onenet.same_value": "yes",
        "onenet.delete": "gone",
        "onenet.set_after_delete": "restarts",
        "onenet.restored": "yes",
        "onenet.reported": "same",
    }
    assert (proof.exit_code, sheet["restored"], desired_of(valve)) == (0, True, before)
    sent = len(valve.cloud.sent())
    valve.edit("valve.yaml", "Brightness: 60", "Brightness: 70")
    valve.ok("apply", "--yes", "--refresh", "none")  # under the recorded version: it is the right one
    assert len(valve.cloud.sent()) == sent + 1


def test_a_stop_in_the_proof_of_a_thing_puts_everything_back(valve):
    before = desired_of(valve)
    proof, _ = prove_here(valve, "valve-9", after=lambda answer: answer.question == "onenet.delete")
    assert (proof.is_interrupted, proof.is_whole, desired_of(valve)) == (True, True, before)


def test_an_answer_that_is_lost_ends_the_proof_of_a_thing(valve):
    """The delete landed and nobody knows it: the next apply finds out, and sets the value again."""
    before = desired_of(valve)
    rules = [{"match": {"operation": "clear_desired", "nth": 2}, "fault": "drop_answer_after_landing"}]
    valve.cloud.post("/faults", {"rules": rules})
    proof, _ = prove_here(valve, "valve-9")
    assert (proof.exit_code, proof.is_whole) == (5, False)
    valve.ok("apply", "--yes")
    assert desired_of(valve) == before
