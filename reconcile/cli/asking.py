"""The question before an apply: answered by a person at a terminal, with a number that was read off the plan."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from reconcile.cli.interrupting import own_signals
from reconcile.cli.output import Console, is_terminal

if TYPE_CHECKING:
    from reconcile.model.plan import Plan

_FEW: Final = 20
"""Up to so many devices a `y` is enough."""


def agrees(console: Console, plan: Plan) -> bool:
    """Whether somebody says yes to the plan that was just shown. In a pipeline nobody is asked, whatever it runs on."""
    is_zh = console.lang == "zh"
    if not is_terminal(sys.stdin) or _is_pipeline():
        console.tell(
            "未应用：无人可询问。请使用 --yes，或用 --expect 给出审阅过的摘要。"
            if is_zh
            else "not applied: nobody to ask. Use --yes, or --expect with the digest that was reviewed."
        )
        return False
    devices, name = len(plan.devices), plan.digest.removeprefix("sha256:")[:12]
    question = f"应用以上计划（{name}）？" if is_zh else f"Apply this plan ({name})?"
    with own_signals():
        is_agreed = _types(question, devices, is_zh=is_zh) if devices > _FEW else click.confirm(question, err=True)
    if not is_agreed:
        console.tell("未应用。" if is_zh else "not applied.")
    return is_agreed


def _types(question: str, devices: int, *, is_zh: bool) -> bool:
    how = f"请输入设备数 {devices}" if is_zh else f"Type the number of its devices, {devices}"
    typed: str = click.prompt(f"{question} {how}", default="", show_default=False, err=True)
    return typed.strip().replace(",", "") == str(devices)


def _is_pipeline() -> bool:
    return os.environ.get("CI", "").strip().lower() not in ("", "0", "false")
