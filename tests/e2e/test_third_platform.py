"""A third cloud from a package of somebody else: found by its entry point, used through the real command line."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from desk import FLEET, METERS, RECORDS, Cloud, Desk, serving
from jsonschema import Draft202012Validator

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from example_platform.cloud import TOKEN, ToyCloud  # noqa: E402  # found after the line above

TOYS = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: toys}
spec:
  platforms:
    toys:
      type: toycloud
      workspace: main
      endpoint: https://toys.example
      credentials: {token: {env: TOY_TOKEN}}
  inventory: [inventory/lamps.csv]
"""
LAMPS = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: lamps}
spec:
  selector: {matchLabels: {class: lamp}}
  properties: {Brightness: 60, Power: true, Banner: "hello ${device.name}"}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-2}
spec:
  platform: toys
  properties:
    Brightness: 61
    Fade: {value: 3, onRemoval: clear}
    Key: {secret: {env: LAMP_KEY}}
"""
INVENTORY = "name,platform,class\nlamp-1,toys,lamp\nlamp-2,toys,lamp\n"


@pytest.fixture
def toys():
    """The toy cloud with two lamps."""
    with ToyCloud("lamp-1", "lamp-2") as cloud:
        yield cloud


@pytest.fixture
def plugin(tmp_path):
    """The environment of a command for which the package is installed."""
    site = tmp_path / "site"
    shutil.copytree(TESTS / "example_platform", site / "example_platform", ignore=shutil.ignore_patterns("__pycache__"))
    info = site / "toycloud-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toycloud\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[reconcile.platforms]\ntoycloud = example_platform:PLATFORM\n")
    return {"PYTHONPATH": str(site), "TOY_TOKEN": TOKEN, "LAMP_KEY": "planted-key"}


@pytest.fixture
def workshop(tmp_path, toys, plugin):
    """A fleet on the toy cloud."""
    desk = Desk(tmp_path, Cloud(toys.url), platforms=("toys",), env=plugin)
    return desk.write({"fleet.yaml": TOYS, "lamps.yaml": LAMPS, "inventory/lamps.csv": INVENTORY})


def test_third_cloud_goes_from_manifests_to_an_empty_plan(workshop, toys):
    """Validate, plan, apply, status, explain, drift and removal; nothing of it knows the cloud by name."""
    assert workshop.ok("validate", keys={}).out.startswith("toys: valid. 2 devices")
    plan = workshop.ok("plan", "--detailed-exitcode", "--format", "json", code=2).json
    assert plan["summary"]["requests"] == {"toys": 2}
    assert {step["kind"] for step in plan["steps"]} == {"set_desired"}
    workshop.ok("plan", "-o", "saved.plan")
    workshop.ok("apply", "saved.plan")
    workshop.ok("plan", "--detailed-exitcode")
    workshop.ok("plan", "--detailed-exitcode", "--refresh", "all")
    held = {name: item["value"] for name, item in toys.things["lamp-2"]["desired"].items()}
    assert held == {"Brightness": 61, "Power": True, "Banner": "hello lamp-2", "Fade": 3, "Key": "planted-key"}
    assert "Brightness" in workshop.ok("status", "lamp-2", "--refresh").out
    assert "in step" in workshop.ok("explain", "toys/lamp-2", "Brightness").out

    toys.things["lamp-1"]["desired"]["Brightness"] = {"value": 5, "version": 2}
    workshop.ok("drift", code=2)
    workshop.edit("lamps.yaml", "    Fade: {value: 3, onRemoval: clear}\n", "")
    workshop.ok("plan", "--refresh", "all", "-o", "second.plan")
    workshop.ok("apply", "second.plan")
    workshop.ok("plan", "--detailed-exitcode", "--refresh", "all")
    assert toys.things["lamp-1"]["desired"]["Brightness"] == {"value": 60, "version": 3}
    assert toys.things["lamp-2"]["desired"]["Fade"]["value"] is None


def test_somebody_elses_change_is_not_overwritten(workshop, toys):
    """The version in the plan is what the toy cloud checks."""
    workshop.ok("plan", "-o", "saved.plan")
    toys.things["lamp-1"]["desired"]["Brightness"] = {"value": 5, "version": 1}
    assert "RCL403" in workshop.ok("apply", "saved.plan", code=1).out
    assert toys.things["lamp-1"]["desired"]["Brightness"] == {"value": 5, "version": 1}


def test_its_mistakes_are_told_like_ours(workshop):
    """Its own codes and words, with file and line of the manifest."""
    workshop.edit("fleet.yaml", "workspace: main", "workspaces: main")
    workshop.edit("lamps.yaml", "Power: true", "Power: [1]")
    told = workshop.ok("validate", code=1).err
    assert "RCL410" in told
    assert "Write `workspace: NAME`." in told
    assert "RCL205" in told
    assert "lamps.yaml:6" in told


def test_missing_token_and_unsafe_endpoint_are_told(workshop):
    """Before anything is sent."""
    assert "credentials.token" in workshop.ok("plan", code=1, env={"TOY_TOKEN": None}).err
    done = workshop.run("--endpoint", "toys=http://toys.example", "plan", endpoints=False)
    assert "RCL421" in done.err
    assert done.code == 1


def test_without_the_package_the_type_is_unknown(workshop):
    """And what is installed is named."""
    told = workshop.ok("validate", code=1, env={"PYTHONPATH": None}).err
    assert "RCL118" in told
    assert "toycloud" in told
    assert "aliyun, onenet" in told


def test_inventory_may_come_from_the_third_cloud(workshop, toys):
    """Its listing names the devices, its facts are labels."""
    listing = "inventory: [{platform: toys, labels: {class: lamp}}]"
    workshop.edit("fleet.yaml", "inventory: [inventory/lamps.csv]", listing)
    workshop.edit("lamps.yaml", "{class: lamp}}", "{class: lamp, model: toy}}")
    assert workshop.ok("plan", "--format", "json").json["summary"]["devices"] == 2
    workshop.ok("apply", "--yes")
    workshop.ok("plan", "--detailed-exitcode")
    assert toys.things["lamp-1"]["desired"]["Banner"]["value"] == "hello lamp-1"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("no_such_module:PLATFORM", "ModuleNotFoundError"),
        ("example_platform:NOTHING", "AttributeError"),
        ("json:loads", "it lacks type, dialect, credential_names, open"),
    ],
)
def test_broken_plug_in_is_named(workshop, value, told):
    """The package and its entry point, not a traceback."""
    points = workshop.folder / "site" / "toycloud-1.0.dist-info" / "entry_points.txt"
    points.write_text(f"[reconcile.platforms]\ntoycloud = {value}\n")
    err = workshop.ok("validate", code=1).err
    assert "RCL423" in err
    assert f"package toycloud, entry point {value}" in err
    assert told in err


def test_two_packages_of_one_type_are_refused(workshop):
    """Which of them gets the keys must not be chance."""
    site = workshop.folder / "site"
    shutil.copytree(site / "toycloud-1.0.dist-info", site / "othertoy-1.0.dist-info")
    (site / "othertoy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: othertoy\nVersion: 1.0\n")
    assert "othertoy and toycloud both offer it" in workshop.ok("validate", code=1).err


def test_three_clouds_live_in_one_fleet(tmp_path, toys, plugin):
    """A plan, an apply and an empty plan over a toy and a meter."""
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), env=plugin)
        section = TOYS.partition("  platforms:\n")[2].partition("  inventory")[0]
        desk.write({"fleet.yaml": FLEET + section, "meters.yaml": METERS})
        desk.write({"lamp.yaml": LAMPS.partition("---\n")[2].partition("    Fade")[0]})
        toy = ("--endpoint", f"toys={toys.url}")
        plan = desk.ok(*toy, "plan", "--format", "json").json
        assert plan["summary"]["requests"] == {"onenet-prod": 2, "toys": 1}
        desk.ok(*toy, "apply", "--yes")
        desk.cloud.pass_time(7200)
        desk.ok(*toy, "plan", "--detailed-exitcode")


def test_schema_for_editors_accepts_its_configuration(workshop):
    """What `reconcile schema` prints is what editors check with."""
    validator = Draft202012Validator(workshop.ok("schema", "fleet").json)
    validator.validate(yaml.safe_load(TOYS))
    refused = yaml.safe_load(TOYS.replace("toycloud", "onenet"))
    assert not validator.is_valid(refused)


def test_emulator_passes_devices_of_other_clouds_over(workshop):
    """It plays both clouds of ours; a plug-in brings its own."""
    process = subprocess.Popen(
        workshop.command("emulate", "--port", "0", endpoints=False),
        cwd=workshop.folder,
        env=workshop.environ(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline().startswith("emulating 0 devices on http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()


def test_doctor_examines_what_it_can_without_an_examiner(workshop, toys):
    """Manifests, state and keys; the rest is said to be skipped, and there is nothing to prove."""
    done = workshop.ok("doctor", "--format", "json").json
    assert {each["key"] for each in done["findings"] if each["mark"] == "skipped"} == {"answer.no_examiner"}
    assert "credentials.variable" in {each["key"] for each in done["findings"]}
    assert "credentials.token" in workshop.ok("doctor", code=1, env={"TOY_TOKEN": None}).out
    workshop.ok("apply", "--yes")
    assert "RCL450" in workshop.ok("doctor", "--prove", "lamp-1", "--yes", code=1).err
