"""What an import or an adoption did, for people: files, what was left out, and the proof. English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff

from reconcile.model.late import dataclass
from reconcile.report.sanitise import inert

_REASONS = 8
_BREAKS = "\r\n"


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """Counts of an import. `left`: (resource or empty for the whole device, reason, how many devices).

    `recorded`: devices that were recorded, None when nobody asked for it. `adoptions`: values a first apply records.
    """

    folder: str
    devices: int
    reads: int
    left: Sequence[tuple[str, str, int]]
    left_file: str
    files: int = 0
    size_bytes: int = 0
    values: int = 0
    profiles: int = 0
    columns: int = 0
    exceptions: int = 0
    documents: int = 0
    adoptions: int = 0
    recorded: int | None = None
    known: int = 0


def import_text(facts: ImportFacts, *, lang: str) -> str:
    """The summary of an import that was written."""
    words = _CHINESE if lang == "zh" else _ENGLISH
    lines = [
        words["written"].format(folder=facts.folder, files=facts.files, size=facts.size_bytes),
        words["devices"].format(devices=facts.devices, values=facts.values),
        words["layers"].format(
            profiles=facts.profiles, columns=facts.columns, exceptions=facts.exceptions, documents=facts.documents
        ),
        *_left_out(facts, words),
        words["reads"].format(reads=facts.reads),
        words["proof"],
        words["recorded"].format(recorded=facts.recorded)
        if facts.recorded is not None
        else words["adopts"].format(adoptions=facts.adoptions),
    ]
    if facts.known:
        lines.append(words["known"].format(known=facts.known))
    return "\n".join(lines)


def unfinished_text(facts: ImportFacts, unread: int, *, lang: str) -> str:
    """Why nothing was written yet, and how to go on."""
    words = _CHINESE if lang == "zh" else _ENGLISH
    told = words["unfinished"].format(unread=unread, devices=facts.devices, reads=facts.reads)
    return "\n".join([told, *_left_out(facts, words), words["goes_on"]])


def adopted_text(resources: int, files: int, left: int, *, lang: str) -> str:
    """What an adoption wrote, and what a plan would still send for it."""
    words = _CHINESE if lang == "zh" else _ENGLISH
    told = words["adopted"].format(resources=resources, files=files)
    return f"{told}\n{(words['adopted_left'] if left else words['adopted_none']).format(left=left)}"


def skipped_text(skipped: Sequence[tuple[str, str, str]], *, lang: str) -> str:
    """(device, resource, why) of what stays as it is; empty when there is none."""
    words = _CHINESE if lang == "zh" else _ENGLISH
    return "\n".join(
        words["skipped"].format(device=inert(device, 200), resource=inert(resource, 200), why=inert(why, 400))
        for device, resource, why in skipped
    )


def diff_text(name: str, before: str | None, after: str) -> str:
    """A unified diff, harmless on a terminal; a line that does not end in a line break says so. None: a new file."""
    lines = unified_diff(
        (before or "").splitlines(keepends=True),
        after.splitlines(keepends=True),
        "/dev/null" if before is None else f"a/{name}",
        f"b/{name}",
    )
    return "".join(f"{inert(line.rstrip(_BREAKS), 2_000)}\n" for line in lines)


def _left_out(facts: ImportFacts, words: dict[str, str]) -> list[str]:
    if not facts.left:
        return []
    lines = [words["left"].format(count=sum(count for _, _, count in facts.left))]
    for resource, why, count in facts.left[:_REASONS]:
        lines.append(f"    {count} × {inert(resource or words['device'], 120)}: {inert(why, 300)}")
    if len(facts.left) > _REASONS:
        lines.append(words["more"].format(more=len(facts.left) - _REASONS))
    if facts.left_file:
        lines.append(words["all"].format(file=facts.left_file))
    return lines


_ENGLISH = {
    "written": "Wrote {folder} (files: {files}, bytes: {size:,}).",
    "devices": "  devices: {devices:,}, values: {values:,}",
    "layers": "  profiles: {profiles}, inventory columns: {columns}, exceptions: {exceptions:,} "
    "(some in device documents: {documents:,})",
    "left": "  Left out: {count:,}",
    "more": "    … and {more} more kinds",
    "all": "    all of them: {file}",
    "device": "device",
    "reads": "  calls to devices themselves: {reads:,}",
    "proof": "Proof: compiled again, the files say just what was read, and a plan from it sends 0 requests.",
    "adopts": "Nothing was recorded: the first apply records what it finds in place ({adoptions:,}) and sends nothing.",
    "recorded": "Recorded {recorded:,} devices as they are: the plan is empty.",
    "known": "{known:,} devices were on record already; their records were left as they are.",
    "unfinished": "Nothing was written: of {devices:,} devices {unread:,} could not be read to the end "
    "({reads:,} calls to devices were made).",
    "adopted": "Adopted {resources} resources in {files} files.",
    "adopted_none": "A plan sends nothing for them; the next apply records them.",
    "adopted_left": "A plan would still send {left} requests for them: see `reconcile plan`.",
    "skipped": "{device} {resource}: not adopted: {why}.",
    "goes_on": "What was read is kept. Run the same command again to go on, or add --partial to write what is known.",
}
_CHINESE = {
    "written": "已写入 {folder}：{files} 个文件，{size:,} 字节。",
    "devices": "  {devices:,} 台设备，{values:,} 个取值",
    "layers": "  {profiles} 个 Profile，{columns} 个清单列；"
    "例外 {exceptions:,} 项，其中一部分在 {documents:,} 个 Device 文档中",
    "left": "  未写入：{count:,} 项",
    "more": "    …… 另有 {more} 类",
    "all": "    完整清单：{file}",
    "device": "设备",
    "reads": "  直接询问设备 {reads:,} 次",
    "proof": "证明：重新编译后，文件内容与读到的完全一致；据此计划需发送 0 个请求。",
    "adopts": "未记录任何状态：首次 apply 会记录 {adoptions:,} 个已就位的取值，不发送请求。",
    "recorded": "已按现状记录 {recorded:,} 台设备：计划为空。",
    "known": "{known:,} 台设备已有记录，保持原样。",
    "unfinished": "未写入任何文件：{devices:,} 台设备中有 {unread:,} 台未能读完（已直接询问设备 {reads:,} 次）。",
    "adopted": "已在 {files} 个文件中采纳 {resources} 项资源。",
    "adopted_none": "计划不会为其发送请求；下次 apply 会记录它们。",
    "adopted_left": "计划仍需为其发送 {left} 个请求：请查看 `reconcile plan`。",
    "skipped": "{device} {resource}：未采纳：{why}。",
    "goes_on": "已读到的内容已保存。再次运行同一命令即可继续，或加 --partial 写入已知部分。",
}
