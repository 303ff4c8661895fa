"""Protected resources through the command line: nothing is sent, a reviewed line allows it, and its last day ends it."""

from desk import FLEET, PSM, Cloud, Desk, serving

IMEIS = ["865820030000001", "865820030000002"]
RECORDS = [
    *({"cloud": "onenet", "imei": imei, "sleep": PSM} for imei in IMEIS),
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-1"},
]
DEVICES = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1}
spec:
  platform: onenet-prod
  imei: "865820030000001"
  delivery: {mode: queue}
  resources: {/3303/0/5603: 1.0, /1/0/1: 172800}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-2}
spec:
  platform: onenet-prod
  imei: "865820030000002"
  delivery: {mode: queue}
  resources: {/3303/0/5603: 1.0}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1}
spec: {platform: aliyun-prod, productKey: a1BwAGVxxxx, properties: {Server: "a.example", Light: 1}}
"""
PROTECTED = '  safety:\n    protected: [{resource: Server, reason: "the gateway follows it at once"}]\n'
LINE = '      - {{resource: {}, reason: "tried in the lab", until: {}}}\n'


def allow(*lines):
    return PROTECTED + "    allow:\n" + "".join(LINE.format(*line) for line in lines) if lines else PROTECTED


def test_what_can_strand_a_device_goes_only_with_a_line_and_until_its_last_day(tmp_path):
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write({"fleet.yaml": FLEET + allow(), "devices.yaml": DEVICES})
        cloud = desk.cloud
        desk.ok("plan", "--detailed-exitcode", code=4)
        applied = desk.ok("apply", "--yes", code=4)
        assert "2 devices blocked and sent nothing" in applied.err
        (sent,) = cloud.sent()
        assert (sent["operation"], sent["device"].rpartition("/")[2]) == ("queue_write", IMEIS[1])
        again = desk.ok("--lang", "zh", "apply", "--yes", code=4)
        assert "2 台设备被拦截" in again.err
        assert len(cloud.sent()) == 1, "what is blocked stays so"
        assert "a plan leaves the device alone: protected:" in " ".join(desk.ok("explain", "meter-1").out.split())

        desk.write({"fleet.yaml": FLEET + allow(("/1/*/1", "2099-12-31"), ("Server", "2099-12-31"))})
        desk.ok("plan", "-o", "p.plan")
        shown = desk.ok("show", "p.plan", "--format", "json").json
        assert {one["resource"]: one["reason"] for one in shown["protected"]} == dict.fromkeys(
            ("/1/0/1", "Server"), "tried in the lab"
        )
        assert "Protected: sent to what can strand a device" in desk.ok("show", "p.plan").out
        desk.edit("fleet.yaml", 'resource: Server, reason: "tried', 'resource: Light, reason: "tried')
        withdrawn = desk.ok("apply", "p.plan", code=1)
        assert "RCL309" in withdrawn.err
        assert "Server to aliyun-prod/lamp-1" in " ".join(withdrawn.err.split())
        assert len(cloud.sent()) == 1
        desk.edit("fleet.yaml", 'resource: Light, reason: "tried', 'resource: Server, reason: "tried')
        desk.ok("apply", "p.plan")
        for _ in range(2):
            cloud.pass_time(7200)
        assert cloud.meter()["values"]["/1/0/1"] == 172_800
        desk.ok("apply", "--yes")
        done = len(cloud.sent())

        desk.write(
            {"fleet.yaml": FLEET + allow(("/1/*/1", "2026-01-31"), ("Server", "2026-01-31"), ("/11", "2099-12-31"))}
        )
        desk.ok("plan", "--detailed-exitcode")
        desk.edit("devices.yaml", "172800", "60")
        ended = desk.ok("apply", "--yes", code=4)
        assert "RCL706" in ended.err
        plan = desk.ok("plan", "--format", "json").json
        assert [one["reason"].partition("; ")[2] for one in plan["blocked"]] == [
            "what allowed it ended at 2026-01-31T16:00:00+00:00"
        ]
        assert {one["code"] for one in plan["diagnostics"]} == {"RCL704", "RCL706", "RCL707"}
        assert len(cloud.sent()) == done
