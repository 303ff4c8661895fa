"""Rollouts for people: the table of waves, and one sentence on where a rollout stands and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconcile.model.plan import Plan
from reconcile.model.rollout_note import RolloutNote, WaveNote
from reconcile.report.foreseen import after
from reconcile.report.messages import Texts, translate
from reconcile.report.sanitise import inert, markdown_code
from reconcile.report.style import table
from reconcile.report.view import View, age, moment

_WORDS = {
    "en": {
        "title": "rollout of profile {profile}",
        "confirmed": "confirmed",
        "failed": "failed",
        "silent": "silent",
        "parked": "gave up on",
        "columns": ("wave", "devices", "confirmed", "failed", "silent", "unsent", "confirmed by"),
        "sending": "wave {wave} of {waves} is sent next.",
        "closed": "wave {wave} of {waves} waits for its window, which opens {opens}.",
        "waiting": "waves up to {wave} of {waves} are sent. The gate waits for answers",
        "last": "all {waves} waves are sent",
        "done": "all {waves} waves are sent and confirmed.",
        "aborted": "aborted: more devices failed than it allows. Nothing more of it is sent, and what waits in queues "
        "is withdrawn. Change the manifests, or go on with `reconcile state rollout {profile} --clear`.",
        "again": " Run the same command again in about {age}.",
        "again_unknown": " Run the same command again later.",
    },
    "zh": {
        "title": "配置 {profile} 的分批发布",
        "confirmed": "已确认",
        "failed": "失败",
        "silent": "未回应",
        "parked": "不再等待",
        "columns": ("批次", "设备", "已确认", "失败", "未回应", "待下发", "预计确认"),
        "sending": "接下来下发第 {wave} 批（共 {waves} 批）。",
        "closed": "第 {wave} 批（共 {waves} 批）等待发布窗口，将于 {opens} 开放。",
        "waiting": "第 {wave} 批及之前（共 {waves} 批）已下发，正在等待设备回应",
        "last": "全部 {waves} 批已下发",
        "done": "全部 {waves} 批均已下发并确认。",
        "aborted": "已中止：失败的设备超出允许范围。不再下发任何内容，仍在排队的命令将被撤回。"
        "请修改清单，或用 `reconcile state rollout {profile} --clear` 继续。",
        "again": " 请在约 {age}后再次运行同一命令。",
        "again_unknown": " 请稍后再次运行同一命令。",
    },
}


def standing_text(note: RolloutNote, *, lang: str = "en") -> str:
    """One paragraph: where the rollout stands, counts, and when to run again."""
    words, texts = _WORDS["zh" if lang == "zh" else "en"], translate(lang)
    head = str(words["title"]).format(profile=inert(note.profile))
    return f"{head}{'：' if lang == 'zh' else ': '}{_sentence(note, words, texts)}"


def _sentence(note: RolloutNote, words: Mapping[str, object], texts: Texts) -> str:
    named = {"wave": note.wave, "waves": len(note.waves), "profile": inert(note.profile)}
    if note.standing == "closed":
        named["opens"] = "" if note.opens is None else moment(note.opens)
    if note.standing != "waiting":
        return str(words[note.standing]).format(**named)
    is_last = note.wave == len(note.waves)
    said = str(words["last" if is_last else "waiting"]).format(**named)
    counts = ", ".join(f"{words[name]} {count:,}" for name, count in _counts(note.counts))
    stop = "。" if texts.lang == "zh" else "."
    again = (
        str(words["again_unknown"])
        if note.again_s is None
        else str(words["again"]).format(age=age(note.again_s, texts))
    )
    return f"{said}: {counts}{stop}{again}"


def _counts(wave: WaveNote) -> list[tuple[str, int]]:
    counts = {"confirmed": wave.confirmed, "failed": wave.failed, "silent": wave.silent, "parked": wave.parked}
    return [(name, count) for name, count in counts.items() if count or name in ("confirmed", "failed", "silent")]


def rollout_lines(plan: Plan, view: View) -> Iterator[str]:
    """The table of waves of each rollout of a plan; nothing without one."""
    for note in plan.rollouts:
        yield from note_lines(note, view)


def note_lines(note: RolloutNote, view: View) -> Iterator[str]:
    """The table of waves of one rollout, and where it stands."""
    words = _WORDS["zh" if view.texts.lang == "zh" else "en"]
    yield from view.title(str(words["title"]).format(profile=inert(note.profile)))
    yield from table(rows_of(note, view.texts), view.width, indent="  ")
    yield from view.wrap(_sentence(note, words, view.texts), "  ")


def sentence_of(note: RolloutNote, texts: Texts) -> str:
    """Where a rollout stands, and when to run again."""
    return _sentence(note, _WORDS["zh" if texts.lang == "zh" else "en"], texts)


def rollout_markdown(plan: Plan, texts: Texts) -> Iterator[str]:
    """The same as a Markdown table."""
    words = _WORDS["zh" if texts.lang == "zh" else "en"]
    for note in plan.rollouts:
        head, *rows = rows_of(note, texts)
        yield from ["", f"#### {str(words['title']).format(profile=markdown_code(note.profile))}", ""]
        yield f"| {' | '.join(head)} |"
        yield f"| {' | '.join(['---'] + ['---:'] * (len(head) - 1))} |"
        yield from (f"| {' | '.join(row)} |" for row in rows)
        yield from ["", _sentence(note, words, texts)]


def rollout_sentences(plan: Plan, texts: Texts) -> Iterator[tuple[str, list[str]]]:
    """The title of each rollout; then its waves, one a line, and where it stands."""
    words = _WORDS["zh" if texts.lang == "zh" else "en"]
    for note in plan.rollouts:
        head, *rows = rows_of(note, texts)
        lines = [" · ".join(f"{name} {cell}" for name, cell in zip(head, row, strict=True) if cell) for row in rows]
        yield str(words["title"]).format(profile=inert(note.profile)), [*lines, _sentence(note, words, texts)]


def columns_of_waves(texts: Texts) -> Sequence[str]:
    """The heads of the columns of `rows_of`."""
    columns = _WORDS["zh" if texts.lang == "zh" else "en"]["columns"]
    assert isinstance(columns, tuple)
    return columns


def rows_of(note: RolloutNote, texts: Texts, *, with_head: bool = True) -> list[list[str]]:
    """The cells of the table of waves: wave, devices, confirmed, failed, silent, unsent, when most confirm."""
    rows = [list(columns_of_waves(texts))] if with_head else []
    for wave in note.waves:
        counts = (wave.devices, wave.confirmed, wave.failed, wave.silent + wave.parked, wave.unsent)
        rows.append([str(wave.number), *(f"{count:,}" for count in counts), _foreseen(wave, texts)])
    return rows


def _foreseen(wave: WaveNote, texts: Texts) -> str:
    if wave.forecast is None or not wave.forecast.known:
        return "–" if wave.unsent else ""
    return after(wave.forecast.most_s, texts)
