"""Terraform, interrupted: `terraform_data` with a slow `local-exec`, whose effects are lines in a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

from benchmarks.measure import Failed
from benchmarks.state_over_http import Kept

_MAIN = """\
terraform {{
  {backend}
}}
resource "terraform_data" "work" {{
  count = {count}
  provisioner "local-exec" {{
    command = "sleep 0.${{1 + count.index % 5}}; echo ${{count.index}} >> {effects}; sleep 0.${{5 - count.index % 5}}"
  }}
}}
"""


def program() -> str | None:
    """Where Terraform is, if it is."""
    return shutil.which("terraform")


class Terraform:
    """A folder with `count` pieces of work; its state beside it, or over HTTP with locks."""

    name = "Terraform"

    def __init__(self, folder: Path, count: int, remote: Kept | None = None) -> None:
        self.folder, self.count, self.remote = folder, count, remote
        self._effects = folder / "effects"
        backend = "" if remote is None else _http(remote.server_address[1])
        text = _MAIN.format(backend=backend, count=count, effects=self._effects)
        (folder / "main.tf").write_text(text, encoding="utf-8")
        self._run("init", "-input=false")

    def start(self) -> subprocess.Popen[bytes]:
        """An apply, in a process group of its own."""
        return subprocess.Popen(
            self._words("apply", "-auto-approve", "-input=false"),
            cwd=self.folder,
            env=_environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def begun(self) -> int:
        """How many pieces were done so far."""
        return len(self.done())

    def done(self) -> Counter[str]:
        """How often each piece was done so far."""
        text = self._effects.read_text(encoding="utf-8") if self._effects.exists() else ""
        return Counter(text.split())

    def lose_state(self) -> None:
        """As when nobody had kept it."""
        for file in self.folder.glob("terraform.tfstate*"):
            file.unlink()

    def converge(self) -> str:
        """Applies until a plan has nothing to do. Returns what had to be done by hand. Raises: Failed."""
        by_hand = "nothing"
        if self._run("apply", "-auto-approve", "-input=false", check=False) and self.remote and self.remote.lock:
            self._run("force-unlock", "-force", json.loads(self.remote.lock)["ID"])
            by_hand = "`terraform force-unlock`"
            self._run("apply", "-auto-approve", "-input=false")
        if self._run("plan", "-detailed-exitcode", "-input=false", check=False):
            raise Failed("terraform did not converge")
        return by_hand

    def _words(self, *words: str) -> list[str]:
        return [program() or "terraform", *words, "-no-color"] if words[0] != "force-unlock" else ["terraform", *words]

    def _run(self, *words: str, check: bool = True) -> int:
        done = subprocess.run(
            self._words(*words), cwd=self.folder, env=_environ(), capture_output=True, check=False, timeout=600
        )
        if check and done.returncode:
            raise Failed(f"terraform {words[0]}: {done.stderr.decode('utf-8', 'replace')[-500:]}")
        return done.returncode


def _http(port: int) -> str:
    url = f"http://127.0.0.1:{port}/state"
    return f'backend "http" {{\n    address = "{url}"\n    lock_address = "{url}"\n    unlock_address = "{url}"\n  }}'


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
