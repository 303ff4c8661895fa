"""Proofs in this process, on a desk with an emulator: time passes on the emulator's clock, not on ours."""

from __future__ import annotations

import asyncio
import json

from desk import KEYS

from reconcile.report.sheet import Ending, sheet_json
from reconcile.runs.doctor.prove import ProofRequest, prove
from reconcile.runs.session import Options, Session


def options_of(desk):
    """What the command line would pass."""
    endpoints = dict.fromkeys(desk.platforms, desk.cloud.url)
    return Options(desk.folder / desk.manifests, None, endpoints, {**KEYS, **desk.env})


def prove_here(desk, device, *, fill_queue=False, wait_s=20.0, after=None):
    """The proof and its sheet. `after(answers)` is called with each answer and may stop the run by returning True."""
    stop_after = after or (lambda _answer: False)

    async def run():
        stop = asyncio.Event()

        async def sleep(seconds):
            desk.cloud.pass_time(seconds)

        def show(answer):
            if stop_after(answer):
                stop.set()

        with Session.open(options_of(desk), creates_state=True) as session:
            try:
                request = ProofRequest(
                    device,
                    lambda _subject: True,
                    show,
                    stop,
                    "test",
                    wait_s=wait_s,
                    may_fill_queue=fill_queue,
                    sleep=sleep,
                )
                return await prove(session, request)
            finally:
                await session.close_clients()

    proof = asyncio.run(run())
    ending = Ending(proof.is_whole, proof.is_in_doubt, proof.is_interrupted, proof.trouble)
    return proof, json.loads("".join(sheet_json(proof.subject, proof.answers, ending, at="now")))


def answers_of(sheet):
    """Answer by question."""
    return {answer["question"]: answer["answer"] for answer in sheet["answers"]}
