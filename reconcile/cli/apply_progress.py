"""How far an apply is: steps, rate, what is left at the pace of the slowest account, and a count for every outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from reconcile.cli.output import Console, Progress
from reconcile.model.journal import AttemptState
from reconcile.model.plan_devices import steps_by_platform

if TYPE_CHECKING:
    from reconcile.apply.events import Attempted
    from reconcile.model.plan import Plan

_ENGLISH = {
    "DONE": "done",
    "ADOPTED": "adopted",
    "REFUSED": "refused",
    "CONFLICT": "conflict",
    "NOT_LANDED": "not landed",
    "IN_DOUBT": "in doubt",
    "NEEDS_OPERATOR": "for a person",
}
_CHINESE = {
    "DONE": "成功",
    "ADOPTED": "已确认生效",
    "REFUSED": "被拒绝",
    "CONFLICT": "冲突",
    "NOT_LANDED": "未生效",
    "IN_DOUBT": "结果未定",
    "NEEDS_OPERATOR": "待人工确认",
}


class ApplyProgress:
    """Told of the plan and of every outcome. `rates` are the requests a second that each account takes now."""

    def __init__(self, console: Console) -> None:
        self._is_zh = console.lang == "zh"
        self._progress = Progress(console, "正在下发" if self._is_zh else "applying")
        self._left: Counter[str] = Counter()
        self._failing: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._total = 0
        self.rates: Callable[[], Mapping[str, float]] = dict

    def planned(self, plan: Plan) -> None:
        """Takes note of how much there is to do, and begins to measure."""
        self._left = steps_by_platform(plan.devices)
        self._total = self._left.total()
        self._progress.restart()

    def attempted(self, event: Attempted) -> None:
        """Counts an outcome; one that follows on an earlier of the same step takes its place."""
        key = (event.device.platform, event.step)
        before = self._failing.pop(key, None)
        if before is None:
            self._left[event.device.platform] -= 1
        else:
            self._counts[before] -= 1
        self._counts[event.state.value] += 1
        if event.state not in (AttemptState.DONE, AttemptState.ADOPTED):  # nothing follows on those
            self._failing[key] = event.state.value
        self._progress.show(self._counts.total(), self._total, self._note)

    def done(self) -> None:
        """Leaves a clean line."""
        self._progress.done()

    def _note(self) -> str:
        words = _CHINESE if self._is_zh else _ENGLISH
        outcomes = [f"{words.get(state, state)} {count:,}" for state, count in self._counts.items() if count]
        return "  ".join([*self._eta(), ("，" if self._is_zh else ", ").join(outcomes)])

    def _eta(self) -> list[str]:
        """What the quotas alone need for what is left: devices that are slow to answer may take longer."""
        rates = self.rates()
        needed = [left / rates[name] for name, left in self._left.items() if left > 0 and rates.get(name)]
        if not needed:
            return []
        seconds = max(needed)
        text = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
        return [f"剩余约 {text}" if self._is_zh else f"about {text} left"]
