"""`ssh-keygen -Y`: who signed, and a signature made. No shell, no agent's prompt, nothing of ours is left on disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from reconcile.gitops.approvals.signed import NAMESPACE, ApprovalRefused

_TIMEOUT_S: Final = 60


def signers(signed: bytes, signature: bytes, allowed: bytes) -> list[str]:
    """Who among those allowed signed these bytes; empty when nobody did. Raises: ApprovalRefused without ssh-keygen."""
    with tempfile.TemporaryDirectory(prefix="reconcile-approval-") as name:
        sig, names = Path(name) / "sig", Path(name) / "allowed"
        sig.write_bytes(signature)
        names.write_bytes(allowed)
        code, said, _ = _run("-Y", "find-principals", "-s", str(sig), "-f", str(names))
        found = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()] if code == 0 else []
        good = []
        for who in found:
            words = ("-Y", "verify", "-f", str(names), "-I", who, "-n", NAMESPACE, "-s", str(sig))
            if _run(*words, given=signed)[0] == 0:
                good.append(who)
        return good


def sign(signed: bytes, key: Path) -> bytes:
    """The armoured signature with a private key, or with a public one whose private half an agent holds.

    Raises: ApprovalRefused.
    """
    with tempfile.TemporaryDirectory(prefix="reconcile-approval-") as name:
        file = Path(name) / "words"
        file.write_bytes(signed)
        code, _, complaint = _run("-Y", "sign", "-f", str(key.expanduser().absolute()), "-n", NAMESPACE, str(file))
        made = file.with_suffix(".sig")
        if code or not made.exists():
            said = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise ApprovalRefused(f"ssh-keygen did not sign with {key}: {said[:200] or f'exit code {code}'}.")
        return made.read_bytes()


def _run(*words: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise ApprovalRefused("ssh-keygen is not installed, or not on the PATH. Install OpenSSH 8.2 or newer.")

    async def run() -> tuple[int, bytes, bytes]:
        pipe = asyncio.subprocess.PIPE
        environment = {**os.environ, "LC_ALL": "C"}
        started = await asyncio.create_subprocess_exec(
            program, *words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                out, complaint = await started.communicate(given)
        except TimeoutError:
            started.kill()
            await started.wait()
            return 1, b"", f"nothing for {_TIMEOUT_S} s".encode()
        return started.returncode or 0, out, complaint

    return asyncio.run(run())
