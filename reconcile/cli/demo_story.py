"""The story the demo tells, scene by scene, and what must be true at the end of each."""

from __future__ import annotations

from reconcile.cli.demo_stage import Stage
from reconcile.runs.request import Refresh

_EDIT = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: frost-warning}
spec:
  selector: {matchLabels: {class: meter, site: haidian}}
  priority: 90
  resources:
    /3303/0/5603: 6.0
"""
_LAMP = "/devices/aliyun/a1BwAGVt8Lq/lamp-12"

_SCENES = {
    "plan": ("A fleet of {n} devices, and nothing recorded yet: plan", "设备群共 {n} 台设备，尚无任何记录：计划"),
    "apply": (
        "Apply: devices that listen are written now, sleepers get a queue",
        "应用：在线设备立即写入，休眠设备排队",
    ),
    "status": ("What was accepted, and what waits for sleepers", "哪些已被云端受理，哪些在等待休眠设备"),
    "wake": ("Two hours later the sleepers have woken: confirmations", "两小时后休眠设备已唤醒：确认送达"),
    "edit": ("Somebody edits a threshold for one site; apply it", "有人修改了一个站点的阈值；应用"),
    "revert": (
        "The edit is reverted before any meter woke: a withdrawal, no radio",
        "在任何水表醒来之前撤销修改：仅撤回命令，不耗电",
    ),
    "drift": ("Somebody turns a lamp in the console: drift", "有人在控制台改了一盏灯：漂移"),
    "heal": ("Apply again: git wins", "再次应用：以 git 为准"),
    "empty": ("Plan once more, looking at every device: nothing left to do", "再计划一次并核对所有设备：无事可做"),
}


class DemoFailedError(Exception):
    """A scene did not end as it must: a bug."""


def tell(stage: Stage, devices: int) -> int:
    """Plays all scenes; returns 0 when the last plan is empty."""
    _scene(stage, "plan", "reconcile plan", n=devices)
    _expect(not stage.plan().is_empty, "the first plan has changes")
    _scene(stage, "apply", "reconcile apply --yes")
    _expect(stage.apply().exit_code == 0, "the apply succeeds")
    _scene(stage, "status", "reconcile status")
    stage.status(is_refreshed=False)
    _scene(stage, "wake", "reconcile status --refresh")
    stage.control("/clock", {"advance_s": 7200})
    stage.status(is_refreshed=True)
    _change_of_mind(stage)
    _somebody_else(stage)
    _scene(stage, "empty", "reconcile plan --refresh all")
    last = stage.plan(Refresh.ALL)
    _expect(last.is_empty and not last.summary.waiting, "the last plan is empty")
    return 0


def _change_of_mind(stage: Stage) -> None:
    edit = stage.folder / "profiles" / "frost-warning.yaml"
    edit.write_text(_EDIT, encoding="utf-8")
    _scene(stage, "edit", "git commit; reconcile plan; reconcile apply --yes")
    stage.plan()
    _expect(stage.apply().exit_code == 0, "the edit is applied")
    edit.unlink()
    _scene(stage, "revert", "git revert; reconcile plan; reconcile apply --yes")
    plan = stage.plan()
    kinds = {step.action.kind for step in plan.steps()}
    _expect("cancel_queued" in kinds, "the revert withdraws")
    _expect(stage.apply().exit_code == 0, "the revert is applied")
    stage.control("/clock", {"advance_s": 7200})


def _somebody_else(stage: Stage) -> None:
    stage.control(f"{_LAMP}/console", {"Brightness": 5})
    _scene(stage, "drift", "reconcile drift")
    _expect(bool(stage.drift().drift), "the drift is seen")
    _scene(stage, "heal", "reconcile apply --yes --refresh all")
    _expect(stage.apply(Refresh.ALL).exit_code == 0, "the drift is reverted")


def _scene(stage: Stage, name: str, command: str, **facts: int) -> None:
    console = stage.console
    number = list(_SCENES).index(name) + 1
    title = _SCENES[name][console.lang == "zh"].format(**facts)
    bold, plain = ("\x1b[1m", "\x1b[0m") if console.color else ("", "")
    console.say(f"\n{bold}{number}. {title}{plain}\n$ {command}\n")


def _expect(is_true: bool, what: str) -> None:  # reads as a claim
    if not is_true:
        raise DemoFailedError(f"expected that {what}")
