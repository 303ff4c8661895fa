"""`reconcile doctor --prove DEVICE`."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation
from reconcile.cli.output import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.model.examination import Capability, Subject
    from reconcile.runs.doctor.prove import Proof, ProofRequest
    from reconcile.runs.session import Session


def prove_device(
    invocation: Invocation, device: str, *, is_asking: bool, fill_queue: bool, wait_s: float, form: str
) -> int:
    """Proves and prints the sheet; the exit code."""
    from reconcile.cli.owner import owner
    from reconcile.runs.doctor.prove import ProofRequest

    with invocation.open(creates_state=True) as session:

        def request(stop: asyncio.Event) -> ProofRequest:
            return ProofRequest(
                device=device,
                confirm=_confirm(invocation, session, is_asking=is_asking),
                show=_tell(invocation),
                stop=stop,
                owner=owner(),
                wait_s=wait_s,
                may_fill_queue=fill_queue,
            )

        proof = asyncio.run(_run(invocation, session, request))
        at = session.options.now().isoformat()
    _print(invocation, proof, form, at)
    return proof.exit_code


async def _run(invocation: Invocation, session: Session, request: Callable[[asyncio.Event], ProofRequest]) -> Proof:
    from reconcile.runs.doctor.prove import prove

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        stop.set()
        is_zh = invocation.console.lang == "zh"
        invocation.console.tell("正在停止：先恢复原状" if is_zh else "stopping: everything is put back first")

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C ends the run there
            loop.add_signal_handler(number, interrupt)
    try:
        return await prove(session, request(stop))
    finally:
        await session.close_clients()


def _confirm(invocation: Invocation, session: Session, *, is_asking: bool) -> Callable[[Subject], bool]:
    def confirm(subject: Subject) -> bool:
        from reconcile.cli.interrupting import own_signals
        from reconcile.report.sheet import confirmation, sheet_texts

        console, texts = invocation.console, sheet_texts(invocation.console.lang)
        console.tell(confirmation(subject, session.fleet.platforms[subject.ref.platform].type, texts))
        if not is_asking:
            return True
        if not is_terminal(sys.stdin):
            console.tell(texts("confirm.nobody"))
            return False
        with own_signals():
            is_agreed = click.confirm(texts("confirm.ask"), err=True)
        if not is_agreed:
            console.tell(texts("confirm.no"))
        return is_agreed

    return confirm


def _tell(invocation: Invocation) -> Callable[[Capability], None]:
    """One line an answer, as they come: a proof takes half a minute."""
    from reconcile.report.sheet import said, sheet_texts

    texts = sheet_texts(invocation.console.lang)

    def tell(answer: Capability) -> None:
        question = texts.catalogue.get(f"ask.{answer.question}", answer.question)
        invocation.console.tell(f"{question} {said(answer, texts)}")

    return tell


def _print(invocation: Invocation, proof: Proof, form: str, at: str) -> None:
    from reconcile.report.sheet import Ending, sheet_json, sheet_text, sheet_texts
    from reconcile.report.view import View

    console = invocation.console
    if proof.still_open:
        is_zh = console.lang == "zh"
        console.tell(
            f"先前运行有 {proof.still_open} 次尝试结果未定：请先运行 `reconcile apply`。"
            if is_zh
            else f"{proof.still_open} attempts of an earlier run are in doubt: run `reconcile apply` first."
        )
    if proof.subject is None or proof.is_declined:
        return
    ending = Ending(proof.is_whole, proof.is_in_doubt, proof.is_interrupted, proof.trouble)
    if form == "json":
        console.stream(sheet_json(proof.subject, proof.answers, ending, at=at))
        return
    view = View.of(console.lang, color=console.color, width=console.width)
    console.say(sheet_text(proof.subject, proof.answers, ending, view, sheet_texts(console.lang)))
