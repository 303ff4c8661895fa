"""`reconcile doctor`: what it finds, what it says to do, and that it changes nothing."""

import json
import shutil
import sqlite3

import pytest
from desk import COLOR, FLEET, KEYS, LAMPS, METERS, Cloud, Desk, serving

from reconcile.platforms.aliyun.doctor import CALLS
from reconcile.platforms.onenet import config as entry
from reconcile.platforms.onenet.doctor import calls_of
from reconcile.ports import PlatformConfig


def findings(done):
    """(platform, key) of everything that is not ok."""
    return {(each["platform"], each["key"]): each for each in done.json["findings"] if each["mark"] != "ok"}


def problems(done):
    return {key for (_, key), each in findings(done).items() if each["mark"] == "problem"}


def test_a_healthy_fleet_is_fit_and_nothing_is_changed(desk):
    """Before the first apply and after it; no key is printed, no device touched, no state made."""
    done = desk.ok("doctor", "--format", "json")
    assert done.json["fit"] is True
    assert problems(done) == set()
    assert not (desk.folder / "manifests" / ".reconcile").exists()
    desk.ok("apply", "--yes")
    seen = len(desk.cloud.get("/log"))
    text = desk.ok("doctor").out
    assert {entry["operation"] for entry in desk.cloud.get("/log")[seen:]} <= {
        *("query_device", "history", "detail", "device_status", "query_desired", "property_status", "QueryProduct"),
    }
    assert "history and create_time are Beijing time" in " ".join(text.split())
    assert "devices recorded: 3;" in text
    assert COLOR not in text
    for value in KEYS.values():
        assert value not in text
        assert value not in done.out


def test_on_a_terminal_in_chinese(desk):
    done = desk.on_a_terminal("--lang", "zh", "doctor")
    assert done.code == 0
    assert COLOR in done.out
    assert "未发现会使应用失败的问题" in done.out


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({"ALIYUN_SK": "wrong"}, "signature.wrong_secret"),
        ({"ALIYUN_AK": "wrong"}, "signature.unknown_key"),
        ({"ALIYUN_SK": None}, "credentials.missing"),
        ({"ALIYUN_SK": "schlüssel"}, "credentials.malformed"),
        ({"ONENET_MASTER_KEY": "wrong"}, "signature.master_key"),
        ({"ONENET_MASTER_KEY": None}, "credentials.missing"),
    ],
)
def test_wrong_keys_are_told_apart_with_what_to_do(desk, env, found):
    done = desk.ok("doctor", "--format", "json", env=env, code=1)
    assert problems(done) == {found}
    assert all(each.get("advice") for each in findings(done).values() if each["mark"] in ("problem", "warning"))
    for value in (*env.values(), *KEYS.values()):
        assert value is None or len(value) < 6 or value not in done.out


def test_tokens_and_security_tokens(desk):
    """A key that is none, a resource that is not the key's, an STS token of another key."""
    tokens = "{accessKey: {env: ONENET_ACCESS_KEY}, resource: products/other}"
    desk.edit("fleet.yaml", "{masterKey: {env: ONENET_MASTER_KEY}}", tokens)
    sts = "accessKeySecret: {env: ALIYUN_SK}, securityToken: {env: ALIYUN_STS, optional: true}}"
    desk.edit("fleet.yaml", "accessKeySecret: {env: ALIYUN_SK}}", sts)
    done = desk.ok("doctor", "--format", "json", env={"ALIYUN_STS": "old-token"}, code=1)
    assert problems(done) == {"signature.token", "signature.sts_malformed"}
    token = findings(done)["onenet-prod", "signature.token"]
    assert token["values"]["resource"] == "products/other"
    desk.edit("fleet.yaml", "products/other", "products/emulator")
    assert problems(desk.ok("doctor", "--format", "json", env={"ALIYUN_STS": "emulator-sts"})) == set()
    done = desk.ok("doctor", "--format", "json", env={"ONENET_ACCESS_KEY": "not base64"}, code=1)
    assert problems(done) == {"credentials.malformed"}


@pytest.mark.parametrize(
    ("operation", "fault", "found"),
    [
        ("device_status", "errno:InvalidSecurityToken.Expired", "signature.sts_expired"),
        ("device_status", "errno:SignatureNonceUsed", "signature.replayed"),
        ("device_status", "errno:InvalidTimeStamp.Expired", "signature.late"),
        ("device_status", "errno:InvalidAccessKeyId.Inactive", "signature.disabled_key"),
        ("query_desired", "errno:Forbidden.RAM", "permissions.refused"),
        ("property_status", "errno:iot.common.RamActionPermissionDeny", "permissions.refused"),
        ("query_desired", "errno:iot.system.InstanceNotFound", "account.instance"),
        ("query_desired", "errno:Iot.system.BillIsOverDue", "account.overdue"),
        ("query_desired", "garbled_body", "answer.unusable"),
        ("query_desired", "errno:Surprise", "answer.unexpected"),
        ("query_device", "garbled_body", "answer.unusable"),
        ("history", "errno:1", "account.foreign_imei"),
    ],
)
def test_answers_are_told_apart(desk, operation, fault, found):
    desk.cloud.post("/faults", {"rules": [{"match": {"operation": operation}, "fault": fault}]})
    done = desk.ok("doctor", "--format", "json", code=1)
    assert problems(done) == {found}


def test_devices_that_the_account_does_not_have(desk):
    desk.edit("meters.yaml", "865820030000001", "865820030099999")
    desk.edit("lamps.yaml", "name: lamp-1", "name: lamp-other")
    done = desk.ok("doctor", "--format", "json", code=1)
    assert problems(done) == {"account.unknown_imei", "account.unknown_device"}


def test_a_clock_that_is_off_is_a_warning(desk):
    desk.cloud.pass_time(120)
    done = desk.ok("doctor", "--format", "json")
    assert findings(done)["aliyun-prod", "clock.off"]["values"]["seconds"] in ("+119", "+120", "+121")
    assert ("onenet-prod", "clock.off") in findings(done)


def test_times_that_are_not_beijing_are_a_problem_without_writing(desk):
    """A command that was sent earlier tells it."""
    desk.ok("apply", "--yes")
    desk.cloud.post("/switches", {"history_zone": "utc"})
    sent = len(desk.cloud.sent())
    assert problems(desk.ok("doctor", "--format", "json", code=1)) == {"times.other"}
    assert len(desk.cloud.sent()) == sent


def test_an_endpoint_that_cannot_be_reached_and_one_that_can(desk):
    dead = Desk(desk.folder, Cloud("http://127.0.0.1:1"), platforms=("aliyun-prod",))
    words = ("--endpoint", f"onenet-prod={desk.cloud.url}", "doctor", "--format", "json")
    done = dead.ok(*words, code=1)
    assert problems(done) == {"endpoint.refused"}
    assert findings(done)["aliyun-prod", "signature.not_reached"]["mark"] == "skipped"
    assert all(platform != "onenet-prod" or each["mark"] != "problem" for (platform, _), each in findings(done).items())


def test_broken_manifests_and_a_file_mode(desk):
    """Errors of manifests leave nothing else to examine; a key file that others may read is a problem."""
    desk.edit("fleet.yaml", "{env: ALIYUN_SK}", "{file: keys/secret}")
    desk.write({"keys/secret": "emulator-secret\n"})
    path = desk.folder / "manifests" / "keys" / "secret"
    path.chmod(0o644)
    done = desk.ok("doctor", "--format", "json", code=1)
    assert problems(done) == {"credentials.missing"}
    path.chmod(0o600)
    assert "from the file keys/secret, mode 0600" in " ".join(desk.ok("doctor").out.split())
    desk.edit("meters.yaml", "mode: queue", "mode: never")
    done = desk.ok("doctor", "--format", "json", code=1)
    assert problems(done) == {"manifests.broken"}
    assert {each["platform"] for each in done.json["findings"]} == {None}


def test_a_journal_that_was_changed_is_a_problem(desk):
    desk.ok("apply", "--yes")
    path = desk.folder / "manifests" / ".reconcile" / "state.db"
    copy = desk.folder / "copy.db"
    shutil.copy(path, copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE journal SET body = X'7b7d' WHERE seq = 2")
    connection.close()
    assert problems(desk.ok("--state", "sqlite:///copy.db", "doctor", "--format", "json", code=1)) == {
        "state.broken_journal"
    }
    copy.write_bytes(b"not a database")
    assert problems(desk.ok("--state", "sqlite:///copy.db", "doctor", "--format", "json", code=1)) == {
        "state.unreadable"
    }


READABLE = {path: {"value": 1.0, "type": "float", "operations": "RW"} for path in ("/3303/0/5603", "/3303/0/5604")}
LISTENING = [
    {"cloud": "onenet", "imei": f"86582003000000{number}", "sleep": {"kind": "none"}, "resources": READABLE | {"/3/0/4": {"operations": "E"}}}
    for number in (1, 2)
]  # fmt: skip


def test_the_roles_are_what_plan_and_apply_really_call(tmp_path):
    """The table cannot drift: everything they call is in it, and everything in it is called."""
    lamp = {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-1"}
    with serving([*LISTENING, lamp]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        commands = METERS.replace(
            "  delivery: {mode: queue}", "  commands: {reboot: {execute: /3/0/4, after: [/3303/0/5603]}}"
        )
        desk.write({"fleet.yaml": FLEET, "meters.yaml": commands, "lamps.yaml": LAMPS})
        called = {"plan": set(), "apply": set()}

        def watch(role, *words):
            seen = len(desk.cloud.get("/log"))
            assert desk.run(*words).code in (0, 3)
            called[role] |= {(entry["cloud"], entry["operation"]) for entry in desk.cloud.get("/log")[seen:]}

        watch("plan", "plan", "--refresh", "all")
        watch("apply", "apply", "--yes")
        watch("plan", "plan", "--refresh", "all")
        watch("plan", "drift")
        watch("plan", "plan", "--refresh", "all", "--device", "meter-1")  # one device is asked for by itself
        for mode, value in (("queue", "-21.0"), ("queue", "-22.0"), ("now", "-23.0")):
            old = "-20.0" if value == "-21.0" else f"{float(value) + 1:.1f}"
            desk.edit("meters.yaml", f"/3303/0/5603: {old}", f"/3303/0/5603: {value}")
            text = (desk.folder / "manifests" / "meters.yaml").read_text()
            line = f"  delivery: {{mode: {mode}}}\n"
            kept = "".join(each + "\n" for each in text.splitlines() if "delivery:" not in each)
            head, rest = kept.split("---\n", 1)
            (desk.folder / "manifests" / "meters.yaml").write_text(head + line + "---\n" + rest)
            watch("plan", "plan", "--refresh", "changed")
            watch("apply", "apply", "--yes")
            # A list that lags leaves the newest command out, which is then asked for by itself.
            desk.cloud.post("/faults", {"rules": [{"match": {"operation": "history"}, "fault": "history_lag:3600"}]})
            watch("plan", "status", "--refresh")
            desk.cloud.post("/faults", {"rules": []})
    config = PlatformConfig("o", "onenet", {"instant": {"api": "classic"}, "cached": {"api": "classic"}}, 80.0, None)
    named = [("aliyun", call) for call in CALLS] + [("onenet", call) for call in calls_of(entry.connection(config))]
    for role in ("plan", "apply"):
        table = {(cloud, call.operation) for cloud, call in named if role in call.roles}
        assert called[role] <= table, role
    mutating = {(cloud, call.operation) for cloud, call in named if call.is_mutating}
    assert called["plan"] & mutating == set()
    # The list and the latest data are asked for only where many devices make them cheaper.
    many = {("onenet", "list_devices"), ("onenet", "latest_data")}
    needed = {role: {(cloud, call.operation) for cloud, call in named if role in call.roles} - many for role in called}
    assert called["plan"] - many == needed["plan"]
    assert (called["plan"] | called["apply"]) - many == needed["plan"] | needed["apply"]


def test_a_full_refresh_costs_what_it_says(tmp_path):
    """At most: the clients save where they can."""
    lamp = {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-1"}
    with serving([*LISTENING, lamp]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        desk.write({"fleet.yaml": FLEET, "meters.yaml": METERS, "lamps.yaml": LAMPS})
        done = desk.ok("doctor", "--format", "json")
        said = {
            each["platform"]: each["values"]["calls"]
            for each in done.json["findings"]
            if each["key"] == "quota.refresh"
        }
        seen = len(desk.cloud.get("/log"))
        desk.ok("plan", "--refresh", "all")
        log = desk.cloud.get("/log")[seen:]
    assert said["aliyun-prod"] == sum(entry["cloud"] == "aliyun" for entry in log)
    assert 0 < sum(entry["cloud"] == "onenet" for entry in log) <= said["onenet-prod"]


def test_a_share_above_the_documented_limit_is_a_warning(desk):
    desk.edit(
        "fleet.yaml", "      region: cn-shanghai", "      region: cn-shanghai\n      quota: {requestsPerSecond: 90}"
    )
    done = desk.ok("doctor", "--format", "json")
    assert findings(done)["aliyun-prod", "quota.above"]["values"]["limit"] == "50"


def test_what_has_no_model_is_named(desk):
    done = desk.ok("doctor", "--format", "json")
    lacking = findings(done)["aliyun-prod", "models.partly"]["values"]
    assert lacking == {"known": 0, "n": 2, "lacking": "product a1BwAGVxxxx"}
    assert ("onenet-prod", "models.partly") not in findings(done)  # object 3303 is one of those that are shipped
    model = {
        "profile": {"productKey": "a1BwAGVxxxx"},
        "properties": [
            {"identifier": name, "name": name, "accessMode": "rw", "dataType": {"type": "int", "specs": {"min": "0", "max": "100"}}}
            for name in ("Brightness", "LightSwitch")
        ],
    }  # fmt: skip
    desk.write({"models/lamp.json": json.dumps(model)})
    (desk.folder / "manifests" / "fleet.yaml").write_text(FLEET + "  models: [models/]\n")
    done = desk.ok("doctor", "--format", "json")
    assert ("aliyun-prod", "models.partly") not in findings(done)


def test_flags_of_a_proof_without_one_are_refused(desk):
    assert "--prove" in desk.ok("doctor", "--yes", code=1).err


TOKEN = "accessKey: {env: ONENET_ACCESS_KEY}, resource: userid/38055"
THING = """\
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: valve-1, labels: {class: valve}}
spec: {platform: onenet-prod, productId: 9MaNe52pNO, properties: {Brightness: 60}}
"""


@pytest.mark.parametrize(("api", "mode"), [("current", "queue"), ("studio", "now")])
def test_every_generation_and_devices_with_a_thing_model(tmp_path, api, mode):
    """One device of each form of identity is asked for; a key that is not accepted is told for both."""
    valve = {"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": "valve-1"}
    with serving([*LISTENING, valve]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("onenet-prod",))
        fleet = FLEET[: FLEET.index("    aliyun-prod:")].replace("api: classic", f"api: {api}")
        fleet = fleet.replace("masterKey: {env: ONENET_MASTER_KEY}", TOKEN).replace(
            "      type: onenet\n", "      type: onenet\n      projectId: ocgzVU\n"
        )
        desk.write({"fleet.yaml": fleet, "meters.yaml": METERS.replace("mode: queue", f"mode: {mode}") + THING})
        done = desk.ok("doctor", "--format", "json")
        assert problems(done) == set()
        granted = {each["values"]["call"] for each in done.json["findings"] if each["key"] == "permissions.granted"}
        assert "thing-model properties" in granted
        assert len(granted) >= 2
        assert findings(done)["onenet-prod", "models.partly"]["values"]["lacking"] == "product 9MaNe52pNO"
        assert any("desired" in call["call"].lower() for call in done.json["calls"])
        wrong = desk.ok("doctor", "--format", "json", env={"ONENET_ACCESS_KEY": "d3Jvbmc="}, code=1)
        assert problems(wrong) == {"signature.token"}
        assert desk.cloud.sent() == []
        desk.edit("meters.yaml", "9MaNe52pNO", "9MaNe52pXX")
        assert problems(desk.ok("doctor", "--format", "json", code=1)) == {"account.unknown_imei"}
