"""A PostgreSQL server for the tests of this folder; CI has the binaries (.ci/machine), elsewhere they may be missing."""

import os

import pytest

from reconcile.testing.postgres_server import binaries, shared


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    """One server for all processes of the session."""
    if binaries() is None:
        assert "CI" not in os.environ, "CI installs PostgreSQL"
        pytest.skip("no PostgreSQL binaries on this machine: apt-get install postgresql")
    base = tmp_path_factory.getbasetemp()
    with shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as server:
        yield server
