"""What an apply says while it works, and its closing words."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from reconcile.cli.apply_progress import ApplyProgress
from reconcile.cli.blocked import tell_blocked
from reconcile.cli.counting import counted
from reconcile.cli.output import Console, Progress

if TYPE_CHECKING:
    from reconcile.apply.events import Event
    from reconcile.model.device import DeviceRef
    from reconcile.model.diagnostic import Diagnostic
    from reconcile.model.plan import Plan
    from reconcile.runs.apply import Applied

_SETTLED = {
    "ADOPTED": ("begun by an earlier run; it had landed and is recorded now", "由之前的运行发起；已确认生效并记录"),
    "NOT_LANDED": ("begun by an earlier run; it had no effect", "由之前的运行发起；未生效"),
    "CONFLICT": ("begun by an earlier run; somebody else changed it meanwhile", "由之前的运行发起；期间已被他人更改"),
    "NEEDS_OPERATOR": ("begun by an earlier run; only a person can tell", "由之前的运行发起；需人工确认"),
}


_WATCHING = (
    "{}: held by a run on another machine; watching for up to {:.0f} s whether it lives",
    "{}：由另一台机器上的运行持有；最多观察 {:.0f} 秒以确认其是否仍在运行",
)


_SLOWED = (
    "{}: the cloud says that we are too fast; {:.1f} requests/s for now",
    "{}：云平台提示请求过快；暂降至每秒 {:.1f} 次",
)


class Telling:
    """Progress of an apply, and its closing words."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.progress = ApplyProgress(console)
        self._looking = Progress(console, "looking at devices")
        self._failures: dict[tuple[DeviceRef, str], tuple[DeviceRef, str, str, str]] = {}
        self._has_waited = False
        self.is_interrupted = False

    def to_its_end(self) -> AbstractContextManager[None]:
        """Around the run, from reading the manifests on; a failure goes on to whoever called."""
        return nullcontext()

    def tell(self, text: str) -> None:
        """A line about the work."""
        self.clear()
        self._console.tell(text)

    def clear(self) -> None:
        """Leaves a clean line."""
        self._looking.done()
        self.progress.done()

    def stopping(self) -> None:
        """What becomes of the work after Ctrl-C."""
        self.is_interrupted = True
        self.tell(
            "正在停止：已发出的请求会等到结果；再按一次立即停止"
            if self._console.lang == "zh"
            else "stopping: requests on their way are finished; once more to stop now"
        )

    def looking(self, done: int, total: int) -> None:
        """Progress of the look at devices."""
        self._looking.show(done, total)

    def planned(self, plan: Plan) -> None:
        """Takes note of how much there is to do."""
        self.progress.planned(plan)

    def event(self, event: Event) -> None:
        """Takes an event of the run."""
        from reconcile.apply.events import Attempted, LaneStopped, Settled, Slowed, Waiting, Watching
        from reconcile.model.journal import AttemptState

        if isinstance(event, Attempted):
            key = (event.device, event.step)
            if event.state in (AttemptState.DONE, AttemptState.ADOPTED):
                self._failures.pop(key, None)  # in doubt a moment ago, and proven now
            else:
                self._failures[key] = (event.device, event.kind, event.code, event.message)
            self.progress.attempted(event)
        elif isinstance(event, Settled):
            what = _SETTLED[event.state][self._console.lang == "zh"]
            self.tell(f"{event.device} {event.kind}: {what}{': ' if event.message else ''}{event.message}")
        elif isinstance(event, Watching):
            self.tell(_WATCHING[self._console.lang == "zh"].format(event.platform, event.seconds))
        elif isinstance(event, Slowed):
            self.tell(_SLOWED[self._console.lang == "zh"].format(event.platform, event.requests_per_second))
        elif isinstance(event, LaneStopped):
            self.tell(f"{event.platform}: stopped, {event.message}")
        elif isinstance(event, Waiting) and not self._has_waited:
            self._has_waited = True
            at = None if event.until is None else f"{event.until.strftime('%H:%M:%S')} UTC"
            if self._console.lang == "zh":
                self.tell(f"正在等待查明：发往 {event.device} 的 {event.kind}{f'，最迟到 {at}' if at else ''}")
            else:
                until = f", until {at} at the latest" if at else ""
                self.tell(f"waiting to learn what became of a {event.kind} to {event.device}{until}")

    def close(self, applied: Applied, *, told: Iterable[Diagnostic] = ()) -> None:
        """The closing table; diagnostics `told` at the start are not repeated."""
        from reconcile.report.diagnostics import diagnostics_text
        from reconcile.report.outcome import outcome_text

        self.clear()
        console = self._console
        if applied.still_open:
            console.tell(
                f"之前的运行仍有 {applied.still_open} 次尝试结果未定：未发送任何新内容。"
                "能连上云平台时请再次运行同一命令。"
                if console.lang == "zh"
                else f"{counted(applied.still_open, 'attempt')} of an earlier run still in doubt: "
                "nothing new was sent. Run the same command again when the cloud can be reached."
            )
        if applied.plan is None or applied.is_declined:
            return
        if applied.plan.is_blocked:
            known = set(told)
            news = [diagnostic for diagnostic in applied.plan.diagnostics if diagnostic not in known]
            console.tell(diagnostics_text(news, lang=console.lang, color=console.err_color, width=console.width))
            return
        text = outcome_text(
            {**{state.value: n for state, n in applied.tally.states.items()}, "put_off": applied.tally.put_off},
            blocked=applied.tally.blocked,
            not_begun=applied.tally.not_begun,
            failures=list(self._failures.values()),
            lang=console.lang,
            color=console.color,
            width=console.width,
        )
        console.say(text)
        if self.is_interrupted:
            console.tell(
                "已中断：再次运行同一命令即可继续。"
                if console.lang == "zh"
                else "interrupted: the same command continues; what was begun is settled first."
            )
        self._tell_left_out(applied.plan)
        if applied.left_out:
            names = ", ".join(map(str, applied.left_out[:5])) + (", …" if len(applied.left_out) > 5 else "")
            console.tell(
                f"{len(applied.left_out)} 台设备的记录在计划之后有变，已略过：{names}。请重新计划。"
                if console.lang == "zh"
                else f"{counted(len(applied.left_out), 'device')} moved since the plan was made and left out: {names}. "
                "Plan again for them."
            )

    def _tell_left_out(self, plan: Plan) -> None:
        """What the exit code is about when everything that was sent went well."""
        is_zh, conflicts = self._console.lang == "zh", len(plan.conflicts)
        if plan.unknown:
            from reconcile.report.text import unread_text

            self._console.tell(unread_text(plan, lang=self._console.lang))
        if conflicts:
            words = f"{conflicts} 处冲突未解决，未作更改；`reconcile drift` 可查看。"
            told = f"{counted(conflicts, 'conflict')} left as found; `reconcile drift` shows them with both values."
            self._console.tell(words if is_zh else told)
        tell_blocked(self._console, plan)
