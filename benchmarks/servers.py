"""Starting and stopping the servers that clients are measured against; each is a process of its own."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from benchmarks.measure import ROOT, Failed, environment, python, reconcile

KEYS: Mapping[str, str] = {
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}
"""The emulator's published credentials, under the names that the generated fleets ask for."""


@contextlib.contextmanager
def plain_server() -> Iterator[int]:
    """The keep-alive server that answers and forgets; yields its port."""
    port = free_port()
    with running(python("-m", "benchmarks.plain_server", str(port)), port, "/"):
        yield port


def window_of(port: int) -> Callable[[], float]:
    """Asks the plain server how many seconds the calls of the last client took to arrive."""
    opener = build_opener(ProxyHandler({}))

    def window() -> float:
        with contextlib.closing(opener.open(f"http://127.0.0.1:{port}/_window", timeout=60)) as answer:  # loopback
            told = json.load(answer)
        return float(told["seconds"])

    return window


@contextlib.contextmanager
def emulator(population: Path) -> Iterator[int]:
    """Our emulator with a population; yields its port."""
    port = free_port()
    argv = reconcile("emulate", "--port", str(port), "--fleet", str(population))
    with running(argv, port, "/_emulator/health"):
        yield port


def endpoints(port: int) -> list[str]:
    """The options that point both platforms of a generated fleet at a server."""
    url = f"http://127.0.0.1:{port}"
    return ["--endpoint", f"onenet-prod={url}", "--endpoint", f"aliyun-prod={url}"]


@contextlib.contextmanager
def running(argv: Sequence[str], port: int, path: str) -> Iterator[None]:
    """A server while the block runs, from when it answers at that path."""
    process = subprocess.Popen(
        argv,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, f"http://127.0.0.1:{port}{path}")
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], url: str, patience_s: float = 60) -> None:
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failed(f"the server ended with {process.returncode} before it answered")
        with contextlib.suppress(OSError), opener.open(url, timeout=2):
            return
        time.sleep(0.05)
    raise Failed(f"no answer within {patience_s:.0f} s")


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
