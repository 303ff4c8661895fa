"""What holds for every command: exit codes of misuse, the two streams, colours, languages, endpoints, keys, state."""

import re
import shlex
import subprocess

import pytest
from desk import COLOR, KEYS, Desk

COMMANDS = (
    "validate",
    "plan",
    "show",
    "apply",
    "status",
    "recover",
    "drift",
    "adopt",
    "import",
    "explain",
    "history",
    "rollback",
    "doctor",
    "emulate",
    "demo",
    "schema",
    "state",
    "ci",
)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["vaildate"], "Did you mean 'validate'?"),
        (["plan", "--nope"], "No such option"),
        (["plan", "--format", "pdf"], "choose text, json, markdown, html"),
        (["plan", "--refresh", "some"], "'none', 'changed', 'all'"),
        (["plan", "-l", "class=(meter"], "Expected key=value"),
        (["--lang", "fr", "plan"], "'en', 'zh'"),
        (["--endpoint", "onenet-prod", "plan"], "PLATFORM=URL"),
        (["--endpoint", "onenet-prod=http://user@127.0.0.1", "plan"], "PLATFORM=URL"),
        (["--endpoint", "onenet-prod=http://[::1].example", "plan"], "PLATFORM=URL"),
        (["explain"], "Missing argument 'DEVICE'"),
        (["show"], "Missing argument 'PLANFILE'"),
        (["status", "--wait", "soon"], "write 90s, 15m, 2h or 1d"),
        (["schema", "plam"], "Did you mean plan?"),
        (["state", "lss"], "No such command"),
        (["emulate", "--port", "70000"], "0<=x<=65535"),
    ],
)
def test_misuse_is_told_on_standard_error_and_ends_with_1(offline, arguments, says):
    """Click's own exit code 2 would read as `there are changes` in a pipeline."""
    done = offline.ok(*arguments, code=1)
    assert says in done.err
    assert done.out == ""


def test_help_and_version_end_with_0_and_name_every_command(offline):
    """The table of commands is the contract's."""
    shown = offline.ok("--help").out
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert offline.ok("--version").out.startswith("reconcile 0.")
    assert "Usage: reconcile" in offline.ok(code=1).err


def test_shells_complete_commands_and_options_without_opening_anything(offline):
    """As the README sets it up, in a folder without manifests."""
    asks = {"_RECONCILE_COMPLETE": "bash_complete", "COMP_WORDS": "reconcile plan --re", "COMP_CWORD": "2"}
    assert offline.ok(env=asks).out.split() == ["plain,--refresh", "plain,--resource", "plain,--retry-failed"]
    assert "complete" in offline.ok(env={"_RECONCILE_COMPLETE": "bash_source"}).out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(offline, name):
    """Help needs no manifests, no keys and no network."""
    done = offline.ok(name, "--help")
    assert f"Usage: reconcile {name}" in done.out
    assert done.err == ""


def test_verbose_says_what_a_command_took(offline):
    """On standard error, and only when asked; also of a command that fails."""
    assert "took " not in offline.ok("schema").err
    assert re.search(r"took [0-9.]+ s, CPU [0-9.]+ s, peak memory [1-9][0-9]* MB\n$", offline.ok("-v", "schema").err)
    assert "took " in offline.ok("-v", "show", "nowhere", code=1).err


def test_no_colour_codes_without_a_terminal_and_results_alone_on_standard_output(desk):
    """A log or a pipe gets plain text."""
    done = desk.ok("plan", "-o", "saved.plan")
    assert COLOR not in done.out + done.err
    assert done.out.startswith("Plan: 3 of 3 devices")
    assert done.err == "saved: saved.plan\n"


def test_colours_on_a_terminal_unless_told_not_to(offline):
    """NO_COLOR, --no-color and a dumb terminal all mean plain."""
    plan = ("plan", "--refresh", "none")
    assert COLOR in offline.on_a_terminal(*plan).out
    assert COLOR not in offline.on_a_terminal(*plan, env={"NO_COLOR": "1"}).out
    assert COLOR not in offline.on_a_terminal("--no-color", *plan).out
    assert COLOR not in offline.on_a_terminal(*plan, env={"TERM": "dumb"}).out


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["--lang", "zh"], {}),
        ([], {"LANG": "zh_CN.UTF-8"}),
        ([], {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}),
        ([], {"RECONCILE_LANG": "zh"}),
    ],
)
def test_chinese_is_chosen_by_option_or_environment(offline, arguments, env):
    """The option and the usual variables decide."""
    assert "计划" in offline.ok(*arguments, "plan", "--refresh", "none", env=env).out


def test_the_option_beats_the_environment_and_c_means_english(offline):
    """`--lang en` on a Chinese machine, and LANG=C."""
    assert offline.ok("--lang", "en", "plan", "--refresh", "none", env={"LANG": "zh_CN.UTF-8"}).out.startswith("Plan")
    assert offline.ok("plan", "--refresh", "none", env={"LANG": "C"}).out.startswith("Plan")


def test_on_a_terminal_messages_are_broken_between_words_and_in_a_log_they_are_one_line(offline):
    """80 columns; a log is searched, so a sentence stays whole there."""
    misspelt = ("schema", "manfest")
    shown = offline.on_a_terminal(*misspelt).out
    assert max(map(len, shown.splitlines())) <= 80
    assert "Did you mean manifest? There are: apply-event" in shown
    assert "There are: apply-event, common, device, fleet, hold, manifest, plan" in offline.ok(*misspelt, code=1).err


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("onenet-prod=http://openapi.example.com", "RCL421"),
        ("onenet-prod=ftp://127.0.0.1", "RCL421"),
        ("tencent=https://127.0.0.1:1", "RCL420"),
        ("onenet-prod=http://127.0.0.1.example.com", "RCL421"),
        ("onenet-prod=http://localhost.example.com", "RCL421"),
    ],
)  # fmt: skip
def test_endpoints_without_encryption_or_platform_are_refused(offline, endpoint, code):
    """Keys never travel in the clear, whichever command asks."""
    for command in (["validate"], ["plan", "--refresh", "none"]):
        assert code in offline.ok("--endpoint", endpoint, *command, code=1).err


def test_all_missing_credentials_are_named_at_once_and_nothing_is_sent(desk):
    """One round of corrections, not three."""
    for command in (["apply", "--yes"], ["plan", "--refresh", "all"], ["drift"]):
        done = desk.ok(*command, keys={}, code=1)
        assert all(name in done.err for name in KEYS if name != "ONENET_ACCESS_KEY")
        assert done.err.count("RCL411") == 3
        assert done.out == ""
    assert desk.cloud.log() == []


def test_plan_without_a_look_needs_no_keys(offline):
    """`--refresh none` asks nobody."""
    offline.ok("plan", "--refresh", "none", "--detailed-exitcode", keys={}, code=2)


def test_state_follows_option_then_variable_then_manifest(desk):
    """--state beats RECONCILE_STATE, which beats the manifest's path."""
    (desk.folder / "my state").mkdir()
    named = {"RECONCILE_STATE": "sqlite:///my state/fleet 1.db"}
    desk.ok("apply", "--yes", env=named)
    assert (desk.folder / "my state" / "fleet 1.db").exists()
    assert not (desk.folder / "manifests" / ".reconcile").exists()
    assert len(desk.ok("state", "ls", env=named).out.splitlines()) == 3
    assert desk.ok("state", "ls").out == ""
    absolute = f"sqlite:///{desk.folder}/my state/fleet 1.db"
    assert absolute.startswith("sqlite:////")
    assert (
        len(desk.ok("--state", absolute, "state", "ls", env={"RECONCILE_STATE": "sqlite:///x.db"}).out.splitlines())
        == 3
    )


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://x", "unknown state URL"),
        ("sqlite:////proc/none/state.db", "cannot be opened"),
        ("sqlite:///manifests/fleet.yaml", "not a state file"),
    ],
)
def test_a_state_that_cannot_be_used_is_told_and_nothing_is_sent(desk, url, says):
    """A broken place for the journal must be found before the first request."""
    done = desk.ok("--state", url, "apply", "--yes", code=1)
    assert "RCL50" in done.err
    assert says in done.err
    assert "hunter2" not in done.err
    assert desk.cloud.sent() == []


def test_manifests_in_a_folder_with_spaces_and_chinese_names(tmp_path, cloud, offline):
    """Paths are paths."""
    desk = Desk(tmp_path, cloud, manifests="机队 配置/华北 一区")
    source = offline.folder / "manifests"
    desk.write({f"设备 {n}.yaml": path.read_text() for n, path in enumerate(sorted(source.iterdir()))})
    desk.ok("validate")
    desk.ok("apply", "--yes")
    assert (tmp_path / desk.manifests / ".reconcile" / "state.db").exists()
    assert "设备" in desk.ok("explain", "lamp-1").out


def test_a_missing_manifests_folder_is_told(tmp_path):
    """With the name that was looked for."""
    done = Desk(tmp_path).ok("validate", code=1)
    assert "manifests" in done.err
    assert "RCL106" in done.err
    assert "RCL116" not in done.err, "nobody could look for a Fleet"
    assert "1 error" in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plan", "--manifests", "x"], "--manifests goes before the command: reconcile --manifests PATH plan"),
        (["plan", "--manifests=x"], "--manifests goes before the command: reconcile --manifests PATH plan"),
        (["apply", "--yes", "--state", "x"], "reconcile --state URL apply"),
        (["drift", "--endpoint", "a=b"], "reconcile --endpoint PLATFORM=URL drift"),
        (["status", "--lang", "zh"], "reconcile --lang [en|zh] status"),
        (["validate", "--no-color"], "reconcile --no-color validate"),
        (["validate", "--verbose"], "reconcile --verbose validate"),
        (["validate", "-v"], "reconcile -v validate"),
        (["state", "--state", "x", "ls"], "reconcile --state URL state"),
        (["state", "ls", "--state", "x"], "reconcile --state URL state ls"),
        (["--manifests", "x", "plan", "--version"], "reconcile --version"),
    ],
)
def test_a_global_option_after_the_command_is_told_its_place(offline, arguments, says):
    """People who know other tools write them last."""
    done = offline.ok(*arguments, code=1)
    assert says in done.err
    assert "internal error" not in done.err


def test_a_reader_that_leaves_early_is_no_error_message(offline):
    """`plan | head -1` ends without a traceback."""
    words = shlex.join(offline.command("plan", "--refresh", "none", "--format", "json"))
    done = subprocess.run(
        f"{words} | head -1", shell=True, cwd=offline.folder, env=offline.environ(), capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.stdout == "{\n"
    assert done.stderr == ""


@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-", "<&-"])
@pytest.mark.parametrize("command", ["validate", "-v plan --refresh none"])
def test_a_closed_stream_is_not_the_programs_problem(offline, closing, command):
    """Cron jobs and service managers start programs with closed streams: the work is the same."""
    words = shlex.join(offline.command(*command.split()))
    done = subprocess.run(
        f"{words} {closing}", shell=True, cwd=offline.folder, env=offline.environ(), capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0
    assert "error" not in done.stderr
