"""Which backend a URL names, and what is said when there is none."""

import sys

import pytest

from reconcile.model.errors import StateError
from reconcile.state.backends import open_state
from reconcile.state.sqlite import Sqlite


def test_backend_is_that_of_the_scheme(tmp_path):
    with open_state(f"sqlite:///{tmp_path}/state.db", folder=tmp_path, create=True) as store:
        assert type(store) is Sqlite
    assert (tmp_path / "state.db").exists()


@pytest.mark.parametrize("url", ["mysql://me:hunter2@db/x", "state.db", "", "hunter2"])
def test_unknown_url_is_refused_and_not_quoted(tmp_path, url):
    with pytest.raises(StateError, match=r"unknown state URL.*postgresql:") as caught:
        open_state(url, folder=tmp_path, create=True)
    assert "hunter2" not in str(caught.value)


def test_missing_driver_is_told_with_the_command_that_installs_it(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("reconcile.state.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StateError, match=r"pip install 'reconcile\[postgres\]'"):
        open_state("postgresql:///iot", folder=tmp_path, create=True)
