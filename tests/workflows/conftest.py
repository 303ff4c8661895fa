"""A host with a fleet at clouds of our own, as `reconcile init --ci github` writes it."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract" / "forges"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from desk import KEYS, RECORDS, Cloud
from fake_actions import FakeActions
from fake_github import serving
from fleet_host import Host
from workflow_fleet import FLEET, LAMPS

from reconcile.emulator import EmulatorThread, World
from reconcile.gitops.scaffold import planted, read_source

SOURCE = f"acme/reconcile@{'1234567890' * 4}"
ENVIRONMENTS = ("fleet-plan", "fleet-apply")
POPULATION = [*RECORDS, *({**RECORDS[-1], "deviceName": name} for name in LAMPS[1:])]


@pytest.fixture
def cloud():
    """Both clouds, with two sleeping meters and six lamps."""
    with EmulatorThread(World.from_records(POPULATION, now=datetime.now(UTC))) as emulator:
        yield Cloud(emulator.url)


@pytest.fixture
def host(tmp_path, cloud, monkeypatch):
    """A bare repository on disk whose main holds the workflows and an empty fleet; nothing has run yet."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with serving(FakeActions()) as github:
        made = Host(tmp_path, github, dict.fromkeys(ENVIRONMENTS, KEYS), SOURCE.partition("@")[0])
        files = {one.path: one.text for one in planted("github", read_source(SOURCE, "github"), "main", "{}")}
        made.commit("main", {**files, "manifests/fleet.yaml": FLEET.format(url=cloud.url)}, "A fleet")
        yield made
