"""`reconcile init`."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.model.errors import ReconcileError

if TYPE_CHECKING:
    from reconcile.cli.output import Console
    from reconcile.gitops.scaffold import Planted, Source


_SHARED_STATE = re.compile(r"backend:\s*[\"']?(?:gitref|postgres)")
_LONGEST = 4 * 1024 * 1024


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--ci", type=click.Choice(["github", "gitlab", "gitee", "gitea", "generic"]),
              help="Write what plans, approves and applies there; generic: shell scripts.")  # fmt: skip
@click.option("--from", "source", metavar="OWNER/NAME@COMMIT",
              help="What CI installs reconcile from; https://HOST/ may stand before it.")  # fmt: skip
@click.option("--branch", default="main", show_default=True, metavar="NAME", help="The branch that is applied.")
@click.option("--force", "forced", multiple=True, metavar="FILE",
              help="Write that file anew although it was changed. Repeatable.")  # fmt: skip
@pass_invocation
def command(
    invocation: Invocation, folder: Path, ci: str | None, source: str | None, branch: str, forced: tuple[str, ...]
) -> int:
    """Make DIR a fleet repository: manifests, a schema for the editor, and the files of its CI.

    Nothing that is there is overwritten: what differs is named and kept. Manifests that exist are left alone. Run
    again, it writes what is missing.

    Exit codes: 0 all files are as they should be; 1 some of CI or the schema differ and were kept.
    """
    from reconcile.gitops.scaffold import STARTERS, planted, read_branch, read_source

    try:
        named, applied = read_source(source, ci), read_branch(branch)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    fresh = planted(ci, named, applied, _schema())
    own = _own_manifests(folder, fresh)
    is_scaffold = not own or any(path.startswith("manifests/") for path in forced)
    files = fresh if is_scaffold else planted(ci, named, applied, _schema(), with_manifests=False)
    strangers = sorted(set(forced) - {file.path for file in files})
    if strangers:
        raise click.UsageError(
            f"--force {strangers[0]}: no file of `init`. There are: {', '.join(f.path for f in files)}"
        )
    kept = [file.path for file in files if not _put(invocation.console, folder, file, is_forced=file.path in forced)]
    kept = [path for path in kept if path not in STARTERS]
    _close(invocation.console, named, kept, needs_source=ci is not None and named.is_placeholder)
    if ci is not None and not is_scaffold and not any(_SHARED_STATE.search(text) for text in own):
        _tell_state(invocation.console)
    return 1 if kept else 0


def _schema() -> str:
    import json

    from reconcile.runs.schema_alone import alone
    from reconcile.runs.shipped import schemas

    return json.dumps(alone("manifest.schema.json", schemas()), ensure_ascii=False, indent=2) + "\n"


def _own_manifests(folder: Path, fresh: list[Planted]) -> list[str]:
    """The YAML under manifests/ that somebody wrote or changed; what `init` wrote and nobody touched is none."""
    ours, there = {file.path: file.text for file in fresh}, folder / "manifests"
    texts = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in (sorted(there.rglob("*.y*ml")) if there.is_dir() else ())
        if path.is_file() and path.stat().st_size <= _LONGEST
    }
    return [text for path, text in texts.items() if ours.get(path) != text]


def _tell_state(console: Console) -> None:
    words = "state: {backend: gitref, remote: origin, environment: production}"
    console.tell(
        f"manifests/ 未改动。流水线的每次运行都从空目录开始，请在 Fleet 的 spec 中写明共用的状态，例如 {words}。"
        if console.lang == "zh"
        else "manifests/ was left alone. Each job starts in an empty folder: give the Fleet's spec a state that "
        f"jobs share, such as {words}."
    )


def _put(console: Console, folder: Path, file: Planted, *, is_forced: bool) -> bool:
    """Writes a file where none is; False for another that is kept. Raises: ReconcileError."""
    from reconcile.runs.whole_file import replacing

    path = folder / file.path
    try:
        if not path.parent.resolve().is_relative_to(folder.resolve()):
            raise ReconcileError(f"{path.parent} leads out of {folder}. Nothing is written through links.")
        there = path.read_text(encoding="utf-8", errors="replace") if path.is_file() and not path.is_symlink() else None
        if there == file.text:
            return True
        if not is_forced and (there is not None or path.is_symlink() or path.exists()):
            console.tell(_differs(file, there, console.lang))
            return False
        with replacing(path) as out:
            out.write(file.text.encode())
    except OSError as exc:
        raise ReconcileError(f"{path} could not be written: {exc.strerror or exc}.") from exc
    console.say(f"{'写入' if console.lang == 'zh' else 'wrote'} {file.path}")
    return True


def _differs(file: Planted, there: str | None, lang: str) -> str:
    if file.path == ".gitignore":
        lacking = ", ".join(line for line in file.text.splitlines() if line not in (there or "").splitlines())
        if lang == "zh":
            return f"保留 .gitignore：{f'缺少 {lacking}' if lacking else '内容齐全'}"
        return f"kept .gitignore: {f'it lacks {lacking}' if lacking else 'nothing is missing'}"
    lines = difflib.unified_diff((there or "").splitlines(), file.text.splitlines(), lineterm="", n=0)
    count = sum(line[:1] in "+-" and not line.startswith(("+++", "---")) for line in lines)
    if lang == "zh":
        return f"保留 {file.path}：与模板有 {count} 行不同（重写请加 --force {file.path}）"
    return f"kept {file.path}: {count} lines differ from the template (--force {file.path} writes it anew)"


def _close(console: Console, source: Source, kept: list[str], *, needs_source: bool) -> None:
    is_chinese = console.lang == "zh"
    if needs_source:
        found = f"{source.path}@{source.commit[:7]}…"
        console.tell(
            f"CI 文件中的 {found} 是占位符：请用 --from OWNER/NAME@COMMIT 重新生成，或自行填写。"
            if is_chinese
            else f"{found} in the CI files is a placeholder: fill it in, or give --from OWNER/NAME@COMMIT."
        )
    if not kept:
        console.tell(
            "下一步：编辑 manifests/，再运行 reconcile validate。"
            if is_chinese
            else "Next: edit manifests/, then `reconcile validate`."
        )
