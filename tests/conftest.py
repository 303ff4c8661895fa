"""What every test starts from: a clean environment, and the option that rewrites golden files."""

import os

import pytest

_FOREIGN = ("RECONCILE_", "ONENET_", "ALIYUN_", "ALIBABA_CLOUD_", "ALICLOUD_", "LC_")
_SINGLE = ("PYTHONDONTWRITEBYTECODE", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "LANGUAGE", "http_proxy", "https_proxy", "all_proxy", "no_proxy")  # fmt: skip


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected files of golden cases")


def pytest_xdist_auto_num_workers():
    """One more than there are cores: a third of the time goes by while processes, sockets and clocks are awaited."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


@pytest.fixture
def update_golden(request):
    """True when expected files are to be rewritten; review reads the diff."""
    return request.config.getoption("--update-golden")


@pytest.fixture(autouse=True, scope="session")
def plain_environment():
    """No key, state, language or proxy of whoever runs the tests reaches a test or a process it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_FOREIGN) or name in _SINGLE or name.lower() in _SINGLE:
                patch.delenv(name)
        patch.setenv("LANG", "C.UTF-8")
        yield


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    """A PostgreSQL server, one for all processes of the session. CI has the binaries, elsewhere they may be missing."""
    from reconcile.testing.postgres_server import binaries, shared

    if binaries() is None:
        assert "CI" not in os.environ, "CI installs PostgreSQL (.ci/machine)"
        pytest.skip("no PostgreSQL binaries on this machine: apt-get install postgresql")
    base = tmp_path_factory.getbasetemp()
    with shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as server:
        yield server
