"""Where a history keeps its state: a URL of its own, by the name of the backend."""

from pathlib import Path

from reconcile.model.fleet import StateConfig
from reconcile.runs.wiring import open_store

BACKENDS = {"sqlite": lambda folder: f"sqlite:///{folder / 'state.db'}"}
"""A URL for a history that lies in that folder."""


def opened(url):
    """The state at a URL, to be looked into, as a context manager."""
    return open_store(url, StateConfig(), Path(), create=False)
