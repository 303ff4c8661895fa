"""The fleet that the manifests' contract shows, word for word: it validates, plans, applies and comes to rest."""

import shutil
from pathlib import Path

from desk import PSM, Cloud, Desk, serving

CONTRACT = Path(__file__).parent / "contract"
RECORDS = [
    *({"cloud": "onenet", "imei": imei, "sleep": PSM} for imei in ("865820031234567", "865820031234575", "865820031234583")),
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-17"},
]  # fmt: skip


def test_the_fleet_of_the_contract_goes_from_validate_to_an_empty_plan(tmp_path):
    """Every construct of the page is understood."""
    shutil.copytree(CONTRACT, tmp_path / "manifests")
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        done = desk.ok("validate")
        assert "4 devices" in done.out
        plan = desk.ok("plan", "--detailed-exitcode", "--format", "json", code=2).json
        assert {step["device"] for step in plan["steps"]} == {
            "onenet-prod/meter-0001", "onenet-prod/meter-0002", "aliyun-prod/lamp-17",
        }  # fmt: skip
        desk.ok("apply", "--yes")
        assert desk.cloud.lamp("lamp-17")["desired"]["Brightness"]["value"] == 60
        for _ in range(3):  # the values, then the reboot that waits for them, then its own delivery
            desk.cloud.pass_time(7200)
            desk.ok("status", "--refresh")
            desk.ok("apply", "--yes")
        assert desk.cloud.meter("865820031234575")["values"]["/3303/0/5603"] == -20.0
        assert desk.cloud.meter("865820031234567")["values"]["/3303/0/5603"] == -10.0
        assert [run["path"] for run in desk.cloud.meter("865820031234575")["executions"]] == ["/3/0/4"]
        desk.ok("plan", "--detailed-exitcode")
