"""Policies through the command line, and what a pull request can do about them before it is merged: nothing."""

import shutil
import socket
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from desk import FLEET, LAMPS, METERS, RECORDS, Cloud, Desk, serving

POLICY = """\
apiVersion: reconcile/v1
kind: Policy
metadata: {name: guards}
spec:
  rules:
    - name: range
      message: The metering office set it.
      selector: {matchLabels: {class: meter}}
      bounds: {resource: /3303/*/5603, min: -40, max: 60}
    - {name: ours, imeiPrefixes: ["8658"]}
    - name: who
      owners: [{path: ., owners: ["@city/ops"]}, {path: rules, owners: ["@city/security", "@city/metering"]}]
"""
VALUE, TOO_COLD = "/3303/0/5603: -20.0", "/3303/0/5603: -50.0"
FILES = {"fleet.yaml": FLEET, "meters.yaml": METERS, "lamps.yaml": LAMPS, "rules/guards.yaml": POLICY}
WAIVER = '  waivers: [{rule: range, reason: "I say so", until: 2099-12-31}]\n'


@pytest.fixture
def desk(tmp_path):
    """A repository with a policy on its main branch, and no cloud."""
    desk = Desk(tmp_path, None).write(FILES)
    (tmp_path / ".gitignore").write_text(".reconcile/\n")
    git(desk, "init", "-q", "-b", "main")
    commit(desk)
    return desk


def git(desk, *words):
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *words], cwd=desk.folder, capture_output=True, text=True, check=True).stdout


def commit(desk):
    git(desk, "add", "-A")
    git(desk, "commit", "-q", "-m", "A change")
    return git(desk, "rev-parse", "HEAD").strip()


def codes(done):
    return [one["code"] for one in done.json["diagnostics"]]


def preview(desk, *words, base="HEAD", code=4):
    return desk.ok(
        "plan", "--refresh", "none", "--policy-from", base, "--detailed-exitcode", "--format", "json", *words, code=code
    )


def test_a_policy_denies_a_plan_and_a_waiver_lets_it_go_until_its_last_day(desk):
    """Without git, or without a base, policies are those of the manifests themselves."""
    assert desk.ok("plan", "--refresh", "none", "--format", "json").json["policy"]["policies"] == ["guards"]
    explained = desk.ok("explain", "meter-1", "/3303/0/5603").out
    assert "guards/range (deny): /3303/*/5603: at least -40, at most 60" in explained
    assert "guards/range" not in desk.ok("--lang", "zh", "explain", "meter-1", "/3303/0/5604").out
    desk.edit("meters.yaml", VALUE, TOO_COLD)
    denied = desk.ok("plan", "--refresh", "none", "--detailed-exitcode", code=4)
    said = " ".join(denied.out.split())
    assert "RCL720 error: a policy denies it" in said
    assert (
        "policy guards/range: 2 devices, such as onenet-prod/meter-1: /3303/0/5603 would be -50, at least -40" in said
    )
    assert "The metering office set it." in said
    assert "策略拒绝" in desk.ok("--lang", "zh", "plan", "--refresh", "none").out
    desk.ok("apply", "--yes", "--refresh", "none", code=4)

    desk.write({"rules/guards.yaml": POLICY + WAIVER})
    waived = desk.ok("plan", "--refresh", "none", "--detailed-exitcode", "--format", "json", code=2)
    assert codes(waived) == ["RCL722"]
    assert "I say so" in waived.json["diagnostics"][0]["detail"]
    desk.write({"rules/guards.yaml": POLICY + WAIVER.replace("2099", "2020")})
    ended = desk.ok("plan", "--refresh", "none", "--detailed-exitcode", "--format", "json", code=4)
    assert sorted(codes(ended)) == ["RCL715", "RCL720"]


def loosened(desk):
    desk.edit("rules/guards.yaml", "min: -40", "min: -400")


def waived(desk):
    desk.write({"rules/guards.yaml": POLICY + WAIVER})


def removed(desk):
    shutil.rmtree(desk.folder / "manifests/rules")


def warned(desk):
    desk.edit("rules/guards.yaml", "    - name: range\n", "    - name: range\n      effect: warn\n")


def renamed(desk):
    desk.edit("rules/guards.yaml", "{name: guards}", "{name: mine}")
    desk.edit("rules/guards.yaml", "min: -40", "min: -400")


def seconded(desk):
    desk.write({"rules/mine.yaml": POLICY.replace("guards", "mine").replace("min: -40", "min: -400") + WAIVER})


def moved(desk):
    (desk.folder / "manifests/rules").rename(desk.folder / "manifests/.rules")


def relabelled(desk):
    desk.edit("meters.yaml", "class: meter", "class: pump")


def renamed_devices(desk):
    relabelled(desk)
    desk.edit("meters.yaml", "{name: meter-", "{name: pump-")


def shadowed(desk):
    """A folder that is called like the commit, or like the word for it, with a policy that allows everything."""
    for name in ("HEAD", git(desk, "rev-parse", "HEAD").strip()):
        shutil.copytree(desk.folder / "manifests", desk.folder / name)
        loose = POLICY.replace("min: -40", "min: -400")
        (desk.folder / name / "rules/guards.yaml").write_text(loose)


@pytest.mark.parametrize(
    "attack",
    [loosened, waived, removed, warned, renamed, seconded, moved, relabelled, renamed_devices, shadowed],
)
def test_no_change_loosens_the_policy_that_it_is_judged_by(desk, attack):
    base = git(desk, "rev-parse", "HEAD").strip()
    desk.edit("meters.yaml", VALUE, TOO_COLD)
    attack(desk)
    plan = preview(desk)
    assert "RCL720" in codes(plan)
    assert (plan.json["policy"]["commit"], plan.json["policy"]["policies"]) == (base, ["guards"])
    if attack is moved:
        commit(desk)
        assert preview(desk, base=base).json["digest"] == plan.json["digest"]
    if attack in (loosened, waived, removed, warned, renamed, seconded, moved):
        assert "RCL718" in codes(plan)
        assert "@city/security" in str(plan.json["policy"]["owners"])


def test_a_folder_behind_a_link_is_not_taken_for_one_without_policies(desk):
    """A change moves the manifests away and leaves a link in their place: the base has nothing where it leads."""
    desk.edit("meters.yaml", VALUE, TOO_COLD)
    (desk.folder / "manifests").rename(desk.folder / "loose")
    (desk.folder / "manifests").symlink_to("loose")
    refused = desk.ok("plan", "--refresh", "none", "--policy-from", "HEAD", code=1)
    assert "RCL719" in refused.err
    assert "symbolic link" in " ".join(refused.err.split())


def test_a_waiver_for_some_devices_is_not_reached_by_a_label_of_the_change(desk):
    waiver = '  waivers: [{rule: range, reason: "a lab", until: 2099-12-31, selector: {matchLabels: {site: lab}}}]\n'
    desk.write({"rules/guards.yaml": POLICY + waiver})
    commit(desk)
    desk.edit("meters.yaml", VALUE, TOO_COLD)
    desk.edit("meters.yaml", "site: chaoyang", "site: lab")
    desk.edit(
        "meters.yaml",
        "{name: meter-2, labels: {class: meter, site: haidian}}",
        "{name: m, labels: {class: meter, site: lab}}",
    )
    plan = preview(desk)
    assert "RCL720" in codes(plan)
    assert "RCL722" not in codes(plan)
    commit(desk)
    assert codes(preview(desk, code=2)) == ["RCL722"], "merged, its labels count"


def test_who_has_to_look_is_told_by_the_longest_path(desk):
    desk.edit("rules/guards.yaml", "min: -40", "min: -41")
    desk.edit("lamps.yaml", "Brightness: 60", "Brightness: 61")
    plan = preview(desk, code=2)
    assert plan.json["policy"]["owners"] == [
        {"owners": ["@city/ops"], "files": ["lamps.yaml"]},
        {"owners": ["@city/security", "@city/metering"], "files": ["rules/guards.yaml"]},
    ]
    assert codes(plan).count("RCL724") == 2
    markdown = desk.ok("plan", "--refresh", "none", "--policy-from", "HEAD", "--format", "markdown").out
    assert "RCL724" in markdown


def test_a_base_without_a_policy_and_one_that_cannot_be_read(desk):
    git(desk, "checkout", "-q", "--orphan", "fresh")
    git(desk, "rm", "-rq", "--cached", ".")
    git(desk, "commit", "-q", "--allow-empty", "-m", "Nothing yet")
    plan = preview(desk, code=2)
    assert sorted(codes(plan)) == ["RCL717", "RCL717", "RCL718"]
    commit(desk)
    desk.edit("rules/guards.yaml", "imeiPrefixes", "imeiPrefix")
    commit(desk)
    (desk.folder / "manifests/rules/guards.yaml").write_text(POLICY)
    assert "RCL719" in desk.ok("plan", "--policy-from", "HEAD", "--refresh", "none", code=1).err
    assert "RCL719" in desk.ok("plan", "--policy-from", "./nowhere", "--refresh", "none", code=1).err


def test_no_key_goes_to_an_address_of_the_change(desk):
    """Two listeners on loopback: the base's account answers nothing, the change's must never be called."""
    with socket.socket() as ours, socket.socket() as theirs:
        for one in (ours, theirs):
            one.bind(("127.0.0.1", 0))
            one.listen()
            one.settimeout(0.2)
        address = "      region: cn-shanghai\n      endpoint: http://127.0.0.1:{}\n"
        fleet = FLEET.replace("      region: cn-shanghai\n", address.format(ours.getsockname()[1]))
        desk.write({"fleet.yaml": fleet})
        shutil.copytree(desk.folder / "manifests", desk.folder.parent / (base := f"{desk.folder.name}-base"))
        hostile = FLEET.replace("      region: cn-shanghai\n", address.format(theirs.getsockname()[1]))
        desk.write({"fleet.yaml": hostile + "  state: {backend: sqlite, path: stolen.db}\n"})
        seen = desk.run("plan", "--policy-from", f"../{base}", "--refresh", "none", "--format", "json")
        assert codes(seen).count("RCL716") == 2
        ours_called = _called_while(desk, ours, base)
        assert ours_called
        with pytest.raises(TimeoutError):
            theirs.accept()
        assert not (desk.folder / "manifests/stolen.db").exists()

    stranger = "    stranger:\n      type: aliyun\n      endpoint: https://attacker.example\n"
    keys = "      credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}\n"
    desk.write({"fleet.yaml": fleet + stranger + keys})
    for words in (("plan",), ("plan", "--refresh", "all"), ("apply", "--yes", "--refresh", "none")):
        refused = desk.ok(*words, "--policy-from", f"../{base}", code=1)
        assert "RCL717" in refused.err


def _called_while(desk, listener, base):
    """Whether somebody connects while a plan looks; the connection is closed at once, as a cloud would not."""
    import threading

    calls = []

    def answer():
        for _ in range(20):
            try:
                connection, _ = listener.accept()
            except OSError:
                if calls:
                    return
                continue
            calls.append(1)
            connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    desk.run("plan", "--policy-from", f"../{base}", "--device", "lamp-1", "--refresh", "all")
    thread.join()
    return bool(calls)


def test_windows_bind_who_sends_and_a_saved_plan_is_judged_again(tmp_path):
    now = datetime.now(UTC)
    begins, ends = (now + timedelta(hours=6)).strftime("%H:%M"), (now + timedelta(hours=7)).strftime("%H:%M")
    hours = f'    - {{name: night, windows: {{zone: UTC, open: [{{from: "{begins}", to: "{ends}"}}]}}}}\n'
    free = POLICY.partition("    - name: who")[0]
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write({**FILES, "rules/guards.yaml": free})
        desk.ok("plan", "-o", "p.plan")
        note = desk.ok("show", "p.plan", "--format", "json").json["policy"]
        assert (note["source"], note["policies"]) == ("manifests", ["guards"])
        desk.write({"rules/guards.yaml": free + hours})
        shown = desk.ok("plan", "--detailed-exitcode", "--format", "json", code=2)
        assert [(one["code"], one["severity"]) for one in shown.json["diagnostics"]] == [("RCL723", "warning")]
        assert "RCL723" in desk.ok("apply", "--yes", code=4).err
        refused = desk.ok("apply", "p.plan", code=1)
        assert "RCL311" in refused.err
        assert "night" in refused.err
        desk.write({"rules/guards.yaml": free.replace("min: -40", "min: -10")})
        assert "/3303/0/5603 would be -20" in " ".join(desk.ok("apply", "p.plan", code=1).err.split())
        assert not desk.cloud.sent()
        desk.write({"rules/guards.yaml": free})
        desk.ok("apply", "p.plan")
        assert desk.cloud.sent()
        desk.write({"rules/guards.yaml": free.replace("min: -40", "min: -10")})
        assert "RCL720" in desk.ok("plan", "--detailed-exitcode", code=4).out, "settled devices are judged, too"
