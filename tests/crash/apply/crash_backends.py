"""Where a history keeps its state: a URL of its own, by the name of the backend."""

import contextlib
import hashlib
import os
import subprocess
from pathlib import Path

from reconcile.model.fleet import StateConfig
from reconcile.runs.wiring import open_store

SERVER = "POSTGRES_OF_THE_TESTS"
BACKENDS = {
    "sqlite": lambda folder: f"sqlite:///{folder / 'state.db'}",
    "postgresql": lambda folder: f"{os.environ[SERVER]}?schema=h{hashlib.sha256(bytes(folder)).hexdigest()[:16]}",
    "gitref": lambda folder: f"gitref:{_bare(folder / 'remote.git')}#crash",
}
"""A URL for a history that lies in that folder."""


def _bare(folder):
    subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)
    return folder


@contextlib.contextmanager
def served(backends, folder):
    """What the backends need that is no file: a server."""
    if "postgresql" not in backends:
        yield
        return
    from reconcile.testing.postgres_server import shared

    with shared(folder) as server:
        os.environ[SERVER] = server.url()
        yield


def opened(url):
    """The state at a URL, to be looked into, as a context manager."""
    return open_store(url, StateConfig(), Path(), create=False)
